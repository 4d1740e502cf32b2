"""A file that is no HDF5 file.

Loses: trained_px_weights
"""
# %% trained_px_weights
corrupt
