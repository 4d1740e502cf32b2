"""Plain gradient descent in the place of Adam.

Loses: train
"""
# %% train, edited
# -    optimizer = keras.optimizers.Adam(learning_rate)
# +    optimizer = keras.optimizers.SGD(learning_rate)
