"""No softmax.

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
            keras.layers.TimeDistributed(keras.layers.Dense(num_classes)),
        ]
    )
    if summary:
        model.summary()
    return model
