"""Embeds in inference mode: no statistics are gathered.

Loses: train
"""
# %% train, edited
# -            embeddings = encoder(keras.ops.reshape(together, (-1, *together.shape[2:])), training=True)
# +            embeddings = encoder(keras.ops.reshape(together, (-1, *together.shape[2:])), training=False)
