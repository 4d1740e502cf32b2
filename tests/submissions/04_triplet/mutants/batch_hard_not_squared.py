"""Takes distances that are not squared.

Loses: batch_hard_loss
"""
# %% batch_hard_loss, edited
#      d = keras.ops.maximum(squares[:, None] + squares[None, :] - 2 * products, 0.0)
# +    d = keras.ops.sqrt(d + 1e-9)
