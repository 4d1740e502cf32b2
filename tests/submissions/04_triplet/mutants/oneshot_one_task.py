"""Draws one task, and counts it k times.

Loses: test_oneshot
"""
# %% test_oneshot, edited
# -        tasks = [make_oneshot_task(N, X, c, language, rng) for _ in range(min(200, k - start))]
# +        tasks = [make_oneshot_task(N, X, c, language, rng)] * min(200, k - start)
