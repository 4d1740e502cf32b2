"""Goes up the slope.

Loses: train
"""
# %% train, edited
# -        gradients = tape.gradient(loss, encoder.trainable_variables)
# +        gradients = tape.gradient(-loss, encoder.trainable_variables)
