"""Takes means in the place of maxima.

Loses: build_encoder
"""
# %% build_encoder, edited
# -        encoder.add(keras.layers.MaxPooling2D(2))
# +        encoder.add(keras.layers.AveragePooling2D(2))
