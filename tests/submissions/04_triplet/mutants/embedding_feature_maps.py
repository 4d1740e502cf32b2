"""Forgets to flatten.

Loses: build_embedding_network
"""
# %% build_embedding_network, edited
# -    features = keras.layers.Dense(64, use_bias=False)(keras.layers.Flatten()(features))
# +    features = keras.layers.Dense(64, use_bias=False)(features)
