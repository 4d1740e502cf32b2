"""Does not learn through the prototypes.

Loses: train
"""
# %% train, edited
# -            loss, accuracy = prototypical_loss(embeddings[:, shot:], prototypes(embeddings[:, :shot]))
# +            loss, accuracy = prototypical_loss(embeddings[:, shot:], tf.stop_gradient(prototypes(embeddings[:, :shot])))
