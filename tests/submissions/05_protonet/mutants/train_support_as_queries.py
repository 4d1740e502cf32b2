"""The support is among the queries.

Loses: train
"""
# %% train, edited
# -            loss, accuracy = prototypical_loss(embeddings[:, shot:], prototypes(embeddings[:, :shot]))
# +            loss, accuracy = prototypical_loss(embeddings, prototypes(embeddings[:, :shot]))
