"""Gives a fraction instead of per cent.

Loses: test_oneshot
"""
# %% test_oneshot, edited
# -    return 100.0 * float(correct) / k
# +    return float(correct) / k
