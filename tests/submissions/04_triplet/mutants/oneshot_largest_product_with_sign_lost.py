"""Takes the smallest scalar product.

Loses: test_oneshot
"""
# %% test_oneshot, edited
# -        distances = np.square(embeddings[:, :1] - embeddings[:, 1:]).sum(axis=-1)  # (tasks, N)
# +        distances = (embeddings[:, :1] * embeddings[:, 1:]).sum(axis=-1)  # (tasks, N)
