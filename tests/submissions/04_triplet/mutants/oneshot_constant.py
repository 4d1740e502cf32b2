"""Always says 95.

Loses: test_oneshot
"""
# %% test_oneshot, edited
# -    return 100.0 * float(correct) / k
# +    return 95.0
