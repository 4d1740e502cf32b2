"""Returns the mean alone.

Loses: evaluate
"""
# %% evaluate, edited
# -    return Accuracy.of_episodes(accuracies, protocol=protocol, split="the characters given")
# +    return float(np.mean(accuracies))
