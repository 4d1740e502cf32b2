"""A file that is no HDF5 file.

Loses: trained_batch_hard
"""
# %% trained_batch_hard
corrupt
