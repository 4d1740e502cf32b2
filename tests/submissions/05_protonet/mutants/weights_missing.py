"""No weights.

Loses: trained_encoder
"""
# %% trained_encoder
missing
