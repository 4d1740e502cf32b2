"""Finds the closest query of each support code.

Loses: nearest_support
"""
# %% nearest_support
def nearest_support(codes_query, codes_support):
    distances = np.linalg.norm(codes_query[:, None] - codes_support[None], axis=2)
    return np.argmin(distances, axis=0)
