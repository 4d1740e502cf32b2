"""Has no ReLU.

Loses: build_encoder
"""
# %% build_encoder, edited
# -        encoder.add(keras.layers.ReLU())
