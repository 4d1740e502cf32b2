"""Ignores hard_selection.

Loses: get_batch
"""
# %% get_batch, edited
# -        if hard_selection:
# +        if False:
