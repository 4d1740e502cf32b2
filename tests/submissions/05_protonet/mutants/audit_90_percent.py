"""An interval of 90 %.

Loses: audit
"""
# %% audit, edited
# -        "accuracy": (accuracy.mean, accuracy.low, accuracy.high),
# +        "accuracy": (accuracy.mean, accuracy.mean - 1.645 * np.std(report['episodes'], ddof=1) / len(report['episodes']) ** 0.5, accuracy.mean + 1.645 * np.std(report['episodes'], ddof=1) / len(report['episodes']) ** 0.5),
