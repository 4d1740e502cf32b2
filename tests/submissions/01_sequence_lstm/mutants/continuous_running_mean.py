"""Averages the predictions so far.

Loses: build_continuous_classification_model
"""
# %% build_continuous_classification_model
def build_continuous_classification_model(
    input_timesteps, input_features_size, hidden_size, num_classes, summary=True
):
    model = keras.Sequential(
        [
            keras.Input((input_timesteps, input_features_size)),
            keras.layers.LSTM(hidden_size, return_sequences=True),
            keras.layers.LSTM(hidden_size, return_sequences=True),
            keras.layers.LSTM(hidden_size, return_sequences=True),
            keras.layers.TimeDistributed(keras.layers.Dense(num_classes, activation="softmax")),
        ]
    )
    inputs = keras.Input((input_timesteps, input_features_size))
    steps = keras.ops.reshape(keras.ops.arange(1, input_timesteps + 1, dtype="float32"), (1, -1, 1))
    model = keras.Model(inputs, keras.ops.cumsum(model(inputs), axis=1) / steps)
    if summary:
        model.summary()
    return model
