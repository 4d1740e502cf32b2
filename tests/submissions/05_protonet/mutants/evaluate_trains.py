"""Trains a step on the side.

Loses: evaluate
"""
# %% evaluate, edited
#      embeddings = embeddings.reshape(*images.shape[:2], -1)
# +    encoder.set_weights([weight * 0.999 for weight in encoder.get_weights()])
