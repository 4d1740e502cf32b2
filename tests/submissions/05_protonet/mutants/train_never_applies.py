"""Computes gradients and does not apply them.

Loses: train
"""
# %% train, edited
# -        optimizer.apply_gradients(zip(gradients, encoder.trainable_variables, strict=True))
