"""A dense layer at the end.

Loses: build_encoder
"""
# %% build_encoder, edited
#      encoder.add(keras.layers.Flatten())
# +    encoder.add(keras.layers.Dense(64))
