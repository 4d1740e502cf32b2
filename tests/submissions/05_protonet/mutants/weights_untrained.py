"""Weights drawn at random.

Loses: trained_encoder
"""
# %% trained_encoder
untrained
