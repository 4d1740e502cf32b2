"""Assumes four drawings of each character in order.

Loses: batch_hard_loss
"""
# %% batch_hard_loss, edited
# -    labels = keras.ops.reshape(labels, (-1,))
# +    labels = keras.ops.arange(embeddings.shape[0]) // 4
