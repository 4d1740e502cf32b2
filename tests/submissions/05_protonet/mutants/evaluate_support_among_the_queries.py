"""The queries are the support.

Loses: evaluate
"""
# %% evaluate, edited
# -    judge = tf.function(lambda chosen: prototypical_loss(chosen[:, shot:], prototypes(chosen[:, :shot]))[1])
# +    judge = tf.function(lambda chosen: prototypical_loss(chosen, prototypes(chosen[:, :shot]))[1])
