"""Weights of the row experiment in place of the pixel experiment.

Loses: trained_px_weights
"""
# %% trained_px_weights
rows
