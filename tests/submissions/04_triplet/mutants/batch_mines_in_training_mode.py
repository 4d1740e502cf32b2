"""Mines with the network in training mode, whose statistics it changes.

Loses: get_batch
"""
# %% get_batch, edited
# -            embeddings = np.asarray(convnet.predict_on_batch(images)).reshape(count, drawings, -1)
# +            embeddings = np.asarray(convnet(images, training=True)).reshape(count, drawings, -1)
