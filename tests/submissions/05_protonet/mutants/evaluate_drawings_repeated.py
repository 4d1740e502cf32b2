"""Drawings with replacement, so that a query may be its own support.

Loses: evaluate
"""
# %% evaluate, edited
# -    drawings = distinct_numbers(images.shape[1], shot + query, (episodes, way), rng)
# +    drawings = rng.integers(images.shape[1], size=(episodes, way, shot + query))
