"""An extra dense layer: the classifier's weights no longer fit.

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
            keras.layers.Dense(hidden_size),
            keras.layers.TimeDistributed(keras.layers.Dense(num_classes, activation="softmax")),
        ]
    )
    if summary:
        model.summary()
    return model
