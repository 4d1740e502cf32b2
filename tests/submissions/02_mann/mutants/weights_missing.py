"""No weights of the better network.

Loses: trained_better_mann
"""
# %% trained_better_mann
missing
