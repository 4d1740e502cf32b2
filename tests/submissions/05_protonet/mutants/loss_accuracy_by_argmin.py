"""Counts the farthest prototype as the answer.

Loses: prototypical_loss
"""
# %% prototypical_loss, edited
# -    accuracy = keras.ops.mean(keras.ops.cast(keras.ops.equal(keras.ops.argmax(logits, -1), labels), "float32"))
# +    accuracy = keras.ops.mean(keras.ops.cast(keras.ops.equal(keras.ops.argmin(logits, -1), labels), "float32"))
