"""One LSTM object for the second and the third layer: they share their weights.

Loses: build_classification_model
"""
# %% build_classification_model
def build_classification_model(input_timesteps, input_features_size, hidden_size, num_classes, summary=True):
    inputs = keras.Input((input_timesteps, input_features_size))
    upper = keras.layers.LSTM(hidden_size, return_sequences=True)
    states = upper(upper(keras.layers.LSTM(hidden_size, return_sequences=True)(inputs)))
    outputs = keras.layers.Dense(num_classes, activation="softmax")(states[:, -1])
    model = keras.Model(inputs, outputs)
    if summary:
        model.summary()
    return model
