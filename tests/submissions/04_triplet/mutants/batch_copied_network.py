"""Mines by a copy of the network from the beginning.

Loses: get_batch
"""
# %% get_batch, edited
#      characters, drawings = X.shape[:2]
# +    if hard_selection:
# +        copy = keras.models.clone_model(convnet)
# +        copy.set_weights(convnet.get_weights())
# +        convnet = copy
