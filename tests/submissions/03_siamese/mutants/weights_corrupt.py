"""Hands in a damaged file.

Loses: trained_classifier
"""
# %% trained_classifier
corrupt
