"""Compares by L1.

Loses: nearest_support
"""
# %% nearest_support
def nearest_support(codes_query, codes_support):
    distances = np.abs(codes_query[:, None] - codes_support[None]).sum(axis=2)
    return np.argmin(distances, axis=1)
