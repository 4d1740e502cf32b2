"""Compares by the largest difference.

Loses: nearest_support
"""
# %% nearest_support
def nearest_support(codes_query, codes_support):
    distances = np.abs(codes_query[:, None] - codes_support[None]).max(axis=2)
    return np.argmin(distances, axis=1)
