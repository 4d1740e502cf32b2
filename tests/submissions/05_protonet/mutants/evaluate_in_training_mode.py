"""Embeds with the statistics of the batch.

Loses: evaluate
"""
# %% evaluate, edited
# -    embed = tf.function(lambda batch: encoder(batch, training=False), reduce_retracing=True)
# +    embed = tf.function(lambda batch: encoder(batch, training=True), reduce_retracing=True)
