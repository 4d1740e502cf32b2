"""Only counts the last tasks.

Loses: test_oneshot
"""
# %% test_oneshot, edited
# -    for start in range(0, k, 200):
# -        tasks = [make_oneshot_task(N, X, c, language, rng) for _ in range(min(200, k - start))]
# +    for start in range(0, k, 4):
# +        tasks = [make_oneshot_task(N, X, c, language, rng) for _ in range(min(4, k - start))]

# -        correct += np.sum(distances.argmin(axis=1) == targets.argmax(axis=1))
# +        correct = np.sum(distances.argmin(axis=1) == targets.argmax(axis=1))
