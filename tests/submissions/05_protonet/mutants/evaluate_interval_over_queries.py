"""An interval over queries, as if they were independent.

Loses: evaluate
"""
# %% evaluate, edited
# -    return Accuracy.of_episodes(accuracies, protocol=protocol, split="the characters given")
# +    right = np.arange(episodes * way * query) < round(np.mean(accuracies) * episodes * way * query)
# +    return Accuracy.of(right, protocol=protocol, split="the characters given")
