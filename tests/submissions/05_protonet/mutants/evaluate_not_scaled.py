"""Embeds pixels between 0 and 255.

Loses: evaluate
"""
# %% evaluate, edited
# -    embeddings = np.concatenate([embed(as_floats(flat[start : start + 500])) for start in range(0, len(flat), 500)])
# +    embeddings = np.concatenate([embed(flat[start : start + 500].astype('float32')) for start in range(0, len(flat), 500)])
