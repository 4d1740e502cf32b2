"""Nothing in it can be trained.

Loses: build_embedding_network
"""
# %% build_embedding_network, edited
# -    return keras.Model(images, features * keras.ops.rsqrt(squared_length + 1e-6))
# +    model = keras.Model(images, features * keras.ops.rsqrt(squared_length + 1e-6))
# +    model.trainable = False
# +    return model
