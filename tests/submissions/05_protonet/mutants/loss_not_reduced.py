"""A loss for each query.

Loses: prototypical_loss
"""
# %% prototypical_loss, edited
# -    loss = keras.ops.mean(keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True))
# +    loss = (keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True))
