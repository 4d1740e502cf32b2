"""Returns accuracies.

Loses: train
"""
# %% train, edited
# -        losses.append(float(loss))
# -        progress.update(number + 1, [("loss", losses[-1]), ("accuracy", float(accuracy))])
# +        losses.append(float(accuracy))
# +        progress.update(number + 1, [("accuracy", float(accuracy))])
