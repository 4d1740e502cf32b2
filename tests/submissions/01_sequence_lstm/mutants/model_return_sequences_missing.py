"""return_sequences is missing: the second layer has no sequence to read.

Loses: build_classification_model
"""
# %% build_classification_model
def build_classification_model(input_timesteps, input_features_size, hidden_size, num_classes, summary=True):
    model = keras.Sequential(
        [
            keras.Input((input_timesteps, input_features_size)),
            keras.layers.LSTM(hidden_size),
            keras.layers.LSTM(hidden_size),
            keras.layers.LSTM(hidden_size),
            keras.layers.Dense(num_classes, activation="softmax"),
        ]
    )
    if summary:
        model.summary()
    return model
