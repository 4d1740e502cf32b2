"""Batch statistics in inference as well.

Loses: build_encoder
"""
# %% build_encoder, edited
# -        encoder.add(keras.layers.BatchNormalization(momentum=0.9))
# +        encoder.add(keras.layers.GroupNormalization(64))
