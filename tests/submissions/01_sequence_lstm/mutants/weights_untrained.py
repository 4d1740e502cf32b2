"""Weights of a network that was never trained.

Loses: trained_px_weights
"""
# %% trained_px_weights
untrained
