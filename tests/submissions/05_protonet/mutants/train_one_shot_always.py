"""Trains on 1-shot episodes whatever it is told.

Loses: train
"""
# %% train, edited
# -            loss, accuracy = prototypical_loss(embeddings[:, shot:], prototypes(embeddings[:, :shot]))
# +            loss, accuracy = prototypical_loss(embeddings[:, 1:], prototypes(embeddings[:, :1]))

# -        loss, accuracy = step(*sample_episode(images, way, shot, query, rng))
# +        loss, accuracy = step(*sample_episode(images, way, 1, query + shot - 1, rng))
