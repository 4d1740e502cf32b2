"""Support and queries change places.

Loses: train
"""
# %% train, edited
# -            loss, accuracy = prototypical_loss(embeddings[:, shot:], prototypes(embeddings[:, :shot]))
# +            loss, accuracy = prototypical_loss(embeddings[:, :shot], prototypes(embeddings[:, shot:]))
