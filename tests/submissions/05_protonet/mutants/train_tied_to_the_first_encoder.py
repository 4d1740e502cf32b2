"""Compiled once, for the first encoder.

Loses: train
"""
# %% train, edited
#      ### BEGIN SOLUTION
# +    encoder = vars(train).setdefault("first", encoder)
