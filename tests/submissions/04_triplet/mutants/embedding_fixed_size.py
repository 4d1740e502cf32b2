"""Takes 28x28 images only.

Loses: build_embedding_network
"""
# %% build_embedding_network, edited
# -    images = keras.Input(input_shape)
# +    images = keras.Input((28, 28, 1))
