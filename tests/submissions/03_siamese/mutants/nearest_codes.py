"""Returns the closest codes.

Loses: nearest_support
"""
# %% nearest_support
def nearest_support(codes_query, codes_support):
    distances = np.linalg.norm(codes_query[:, None] - codes_support[None], axis=2)
    return codes_support[np.argmin(distances, axis=1)]
