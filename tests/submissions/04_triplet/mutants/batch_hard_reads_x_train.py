"""Looks for hard negatives in the global X_train.

Loses: get_batch
"""
# %% get_batch, edited
# -            images = as_input(X[pool].reshape(-1, *X.shape[2:]))
# +            images = as_input(X_train[pool].reshape(-1, *X_train.shape[2:]))
