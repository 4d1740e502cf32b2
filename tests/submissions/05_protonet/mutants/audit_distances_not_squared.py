"""Distances without the square.

Loses: audit
"""
# %% audit, edited
# -    distances = ((np.array(report["query"]) - np.array(report["prototypes"])) ** 2).sum(axis=1)
# +    distances = ((np.array(report["query"]) - np.array(report["prototypes"])) ** 2).sum(axis=1) ** 0.5
