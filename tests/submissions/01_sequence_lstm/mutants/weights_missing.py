"""No weights were handed in.

Loses: trained_px_weights
"""
# %% trained_px_weights
missing
