"""One episode, counted as many.

Loses: evaluate
"""
# %% evaluate, edited
# -    accuracies = [float(judge(episode)) for episode in chosen]
# +    accuracies = [float(judge(next(chosen)))] * episodes
