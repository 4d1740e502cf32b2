"""Compares the first support image with the others.

Loses: test_oneshot
"""
# %% test_oneshot, edited
# -        distances = np.square(embeddings[:, :1] - embeddings[:, 1:]).sum(axis=-1)  # (tasks, N)
# +        distances = np.square(embeddings[:, 1:2] - embeddings[:, 1:]).sum(axis=-1)  # (tasks, N)
