"""Cannot take labels in a column.

Loses: batch_hard_loss
"""
# %% batch_hard_loss, edited
# -    labels = keras.ops.reshape(labels, (-1,))
