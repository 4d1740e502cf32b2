"""Writes the soft margin as log(1 + exp(x)), which overflows.

Loses: batch_hard_loss
"""
# %% batch_hard_loss
def batch_hard_loss(labels, embeddings, margin=None):
    labels = keras.ops.reshape(labels, (-1,))
    same = keras.ops.expand_dims(labels, 0) == keras.ops.expand_dims(labels, 1)
    squares = keras.ops.sum(keras.ops.square(embeddings), axis=-1)
    products = keras.ops.matmul(embeddings, keras.ops.transpose(embeddings))
    d = keras.ops.maximum(squares[:, None] + squares[None, :] - 2 * products, 0.0)
    farthest_positive = keras.ops.max(keras.ops.where(same, d, -1.0), axis=1)
    nearest_negative = keras.ops.min(keras.ops.where(same, float("inf"), d), axis=1)
    x = farthest_positive - nearest_negative
    return keras.ops.mean(keras.ops.log(1 + keras.ops.exp(20 * x)) / 20 if margin is None else keras.ops.maximum(x + margin, 0.0))
