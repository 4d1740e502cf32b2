"""Gives the network grey values from 0 to 255 when mining.

Loses: get_batch
"""
# %% get_batch, edited
# -            images = as_input(X[pool].reshape(-1, *X.shape[2:]))
# +            images = 255 * as_input(X[pool].reshape(-1, *X.shape[2:]))
