"""Gives the per cent that are wrong.

Loses: test_oneshot
"""
# %% test_oneshot, edited
# -    return 100.0 * float(correct) / k
# +    return 100.0 - 100.0 * float(correct) / k
