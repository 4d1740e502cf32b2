"""Finds the nearest by pixels instead of embeddings.

Loses: get_batch
"""
# %% get_batch, edited
# -            embeddings = np.asarray(convnet.predict_on_batch(images)).reshape(count, drawings, -1)
# +            embeddings = images.reshape(count, drawings, -1)
