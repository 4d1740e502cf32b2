"""Ignores input_shape.

Loses: build_encoder
"""
# %% build_encoder, edited
# -    encoder = keras.Sequential([keras.Input(input_shape)])
# +    encoder = keras.Sequential([keras.Input((28, 28, 1))])
