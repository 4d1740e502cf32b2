"""The mate is the test image itself.

Loses: make_oneshot_task
"""
# %% make_oneshot_task, edited
# -    test_drawing = (drawings[right] + rng.integers(1, X.shape[1])) % X.shape[1]
# +    test_drawing = drawings[right]
