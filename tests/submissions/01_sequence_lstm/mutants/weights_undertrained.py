"""Weights from far too short a training.

Loses: trained_px_weights
"""
# %% trained_px_weights
undertrained
