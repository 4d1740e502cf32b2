"""A file that is no HDF5 file.

Loses: trained_encoder
"""
# %% trained_encoder
corrupt
