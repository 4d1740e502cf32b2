"""Sets the own figure beside itself.

Loses: audit
"""
# %% audit, edited
# -        "comparable": [figure["name"] for figure in others if protocol(figure) == protocol(own)],
# +        "comparable": [figure["name"] for figure in report["figures"] if protocol(figure) == protocol(own)],
