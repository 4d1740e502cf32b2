"""Divides by one task less.

Loses: test_oneshot
"""
# %% test_oneshot, edited
# -    return 100.0 * float(correct) / k
# +    return 100.0 * float(correct) / max(1, k - 1)
