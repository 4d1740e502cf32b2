"""Weights drawn at random.

Loses: trained_batch_hard
"""
# %% trained_batch_hard
untrained
