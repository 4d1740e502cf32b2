"""Trains the model that it was first given, whichever comes later.

Loses: train_step
"""
# %% train_step
FIRST = {}


def train_step(images, labels, model, optim, eval=False):
    model = FIRST.setdefault("model", model)
    with tf.GradientTape() as tape:
        predictions = model(images, labels, training=not eval)
        loss = model.loss_function(predictions, labels)
    if not eval:
        gradients = tape.gradient(loss, model.trainable_variables)
        optim.apply_gradients(zip(gradients, model.trainable_variables))
    return predictions, loss
