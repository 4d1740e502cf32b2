"""The sum over queries.

Loses: prototypical_loss
"""
# %% prototypical_loss, edited
# -    loss = keras.ops.mean(keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True))
# +    loss = keras.ops.sum(keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True))
