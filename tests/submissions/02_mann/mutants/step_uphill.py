"""Goes up the slope.

Loses: train_step
"""
# %% train_step
def train_step(images, labels, model, optim, eval=False):
    with tf.GradientTape() as tape:
        predictions = model(images, labels, training=not eval)
        loss = model.loss_function(predictions, labels)
    if not eval:
        gradients = [-gradient for gradient in tape.gradient(loss, model.trainable_variables)]
        optim.apply_gradients(zip(gradients, model.trainable_variables))
    return predictions, loss
