"""Compares by the inner product.

Loses: nearest_support
"""
# %% nearest_support
def nearest_support(codes_query, codes_support):
    distances = -codes_query @ codes_support.T
    return np.argmin(distances, axis=1)
