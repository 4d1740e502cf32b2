"""Ignores learning_rate.

Loses: train
"""
# %% train, edited
# -    optimizer = keras.optimizers.Adam(learning_rate)
# +    optimizer = keras.optimizers.Adam(1e-3)
