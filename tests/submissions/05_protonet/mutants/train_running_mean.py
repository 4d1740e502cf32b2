"""Returns running means of the losses.

Loses: train
"""
# %% train, edited
# -    return losses
# +    return [float(np.mean(losses[: n + 1])) for n in range(len(losses))]
