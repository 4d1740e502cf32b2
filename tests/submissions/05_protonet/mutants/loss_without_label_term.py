"""The logsumexp alone: the term with the label is missing.

Loses: prototypical_loss
"""
# %% prototypical_loss, edited
# -    loss = keras.ops.mean(keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True))
# +    loss = keras.ops.mean(keras.ops.logsumexp(logits, axis=-1))
