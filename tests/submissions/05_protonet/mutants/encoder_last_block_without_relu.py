"""The last block has no ReLU.

Loses: build_encoder
"""
# %% build_encoder, edited
# -    for _ in range(4):
# +    for block in range(4):

# -        encoder.add(keras.layers.ReLU())
# +        if block < 3:
# +            encoder.add(keras.layers.ReLU())
