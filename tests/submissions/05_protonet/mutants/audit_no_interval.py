"""The mean in the place of both ends.

Loses: audit
"""
# %% audit, edited
# -        "accuracy": (accuracy.mean, accuracy.low, accuracy.high),
# +        "accuracy": (accuracy.mean, accuracy.mean, accuracy.mean),
