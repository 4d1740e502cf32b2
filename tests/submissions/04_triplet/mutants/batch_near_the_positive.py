"""Takes the negative that is nearest to the positive.

Loses: get_batch
"""
# %% get_batch, edited
# -            differences = embeddings[own, anchors][:, None, None] - embeddings[None]
# +            differences = embeddings[own, positives][:, None, None] - embeddings[None]
