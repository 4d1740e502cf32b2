"""Embeds all images a second time.

Loses: evaluate
"""
# %% evaluate, edited
#      embeddings = np.concatenate([embed(as_floats(flat[start : start + 500])) for start in range(0, len(flat), 500)])
# +    np.concatenate([embed(as_floats(flat[start : start + 500])) for start in range(0, len(flat), 500)])
