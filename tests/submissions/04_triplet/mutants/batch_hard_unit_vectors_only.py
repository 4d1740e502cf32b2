"""Is right for unit vectors only.

Loses: batch_hard_loss
"""
# %% batch_hard_loss, edited
# -    d = keras.ops.maximum(squares[:, None] + squares[None, :] - 2 * products, 0.0)
# +    d = keras.ops.maximum(2 - 2 * products, 0.0)
