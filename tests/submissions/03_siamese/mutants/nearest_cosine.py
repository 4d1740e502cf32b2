"""Compares by the cosine.

Loses: nearest_support
"""
# %% nearest_support
def nearest_support(codes_query, codes_support):
    a = codes_query / np.linalg.norm(codes_query, axis=1, keepdims=True)
    b = codes_support / np.linalg.norm(codes_support, axis=1, keepdims=True)
    distances = -a @ b.T
    return np.argmin(distances, axis=1)
