"""Weights drawn at random.

Loses: trained_better_mann
"""
# %% trained_better_mann
untrained
