"""Applies the gradients twice.

Loses: train
"""
# %% train, edited
#          optimizer.apply_gradients(zip(gradients, encoder.trainable_variables, strict=True))
# +        optimizer.apply_gradients(zip(gradients, encoder.trainable_variables, strict=True))
