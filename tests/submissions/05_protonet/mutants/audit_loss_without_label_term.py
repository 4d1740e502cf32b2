"""The logsumexp alone.

Loses: audit
"""
# %% audit, edited
# -        "loss": float(distances[report["label"]] - least + np.log(np.exp(least - distances).sum())),
# +        "loss": float(-least + np.log(np.exp(least - distances).sum())),
