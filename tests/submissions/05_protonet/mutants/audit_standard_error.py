"""One standard error in the place of 1.96.

Loses: audit
"""
# %% audit, edited
# -        "accuracy": (accuracy.mean, accuracy.low, accuracy.high),
# +        "accuracy": (accuracy.mean, accuracy.mean - np.std(report['episodes']) / len(report['episodes']) ** 0.5, accuracy.mean + np.std(report['episodes']) / len(report['episodes']) ** 0.5),
