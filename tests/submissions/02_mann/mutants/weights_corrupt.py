"""A file that is no HDF5 file.

Loses: trained_better_mann
"""
# %% trained_better_mann
corrupt
