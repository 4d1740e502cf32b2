"""Hands in random weights.

Loses: trained_classifier
"""
# %% trained_classifier
untrained
