"""Always 10 classes and 8 units.

Loses: build_continuous_classification_model
"""
# %% build_continuous_classification_model
def build_continuous_classification_model(
    input_timesteps, input_features_size, hidden_size, num_classes, summary=True
):
    model = keras.Sequential(
        [
            keras.Input((input_timesteps, input_features_size)),
            keras.layers.LSTM(8, return_sequences=True),
            keras.layers.LSTM(8, return_sequences=True),
            keras.layers.LSTM(8, return_sequences=True),
            keras.layers.TimeDistributed(keras.layers.Dense(10, activation="softmax")),
        ]
    )
    if summary:
        model.summary()
    return model
