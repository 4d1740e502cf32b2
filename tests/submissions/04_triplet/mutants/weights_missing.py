"""No weights.

Loses: trained_batch_hard
"""
# %% trained_batch_hard
missing
