"""All images of a batch get the same shift and rotation.

Loses: build_augmentation_model
"""
# %% build_augmentation_model
def build_augmentation_model():
    def augment(images):
        images = tf.convert_to_tensor(images)
        batch = images[None] if images.shape.rank == 3 else images
        shape = tf.shape(batch)
        angle = tf.random.uniform((), -np.pi / 5, np.pi / 5)
        down, right = tf.random.uniform((), -5.6, 5.6), tf.random.uniform((), -5.6, 5.6)
        cos, sin = tf.cos(angle), tf.sin(angle)
        x = 13.5 - cos * (13.5 + right) + sin * (13.5 + down)
        y = 13.5 - sin * (13.5 + right) - cos * (13.5 + down)
        matrix = tf.cast(tf.stack([cos, -sin, x, sin, cos, y, 0.0, 0.0]), tf.float32)
        moved = tf.raw_ops.ImageProjectiveTransformV3(
            images=batch,
            transforms=matrix[None],
            output_shape=shape[1:3],
            interpolation="BILINEAR",
            fill_value=0.0,
        )
        return tf.reshape(moved, tf.shape(images))

    return augment
