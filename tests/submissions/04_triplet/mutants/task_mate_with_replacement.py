"""The mate may be the test image.

Loses: make_oneshot_task
"""
# %% make_oneshot_task, edited
# -    test_drawing = (drawings[right] + rng.integers(1, X.shape[1])) % X.shape[1]
# +    test_drawing = rng.integers(X.shape[1])
