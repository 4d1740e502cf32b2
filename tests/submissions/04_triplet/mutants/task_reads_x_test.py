"""Reads the global X_test.

Loses: make_oneshot_task
"""
# %% make_oneshot_task, edited
# -    test_image = X[characters[right], test_drawing]
# -    support = X[characters, drawings]
# +    test_image = X_test[characters[right], test_drawing]
# +    support = X_test[characters, drawings]
