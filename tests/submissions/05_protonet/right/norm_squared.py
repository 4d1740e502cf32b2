"""The norm, squared again: TensorFlow's gradient of it is zero, not NaN, where two points coincide."""
# %% squared_distances
def squared_distances(queries, prototypes):
    differences = keras.ops.expand_dims(queries, 1) - keras.ops.expand_dims(prototypes, 0)
    return tf.norm(differences, axis=-1) ** 2
