"""Trains a copy and leaves the encoder that was handed in.

Loses: train
"""
# %% train, edited
#      ### BEGIN SOLUTION
# +    start = encoder.get_weights()

#          progress.update(number + 1, [("loss", losses[-1]), ("accuracy", float(accuracy))])
# +    encoder.set_weights(start)
