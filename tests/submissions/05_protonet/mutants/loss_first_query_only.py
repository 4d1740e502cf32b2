"""The first query of each class alone.

Loses: prototypical_loss
"""
# %% prototypical_loss, edited
#      ### BEGIN SOLUTION
# +    query_embeddings = query_embeddings[:, :1]
