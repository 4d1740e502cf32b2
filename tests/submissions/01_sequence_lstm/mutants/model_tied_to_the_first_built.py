"""Layers made once, outside: a second model is the first one again.

Loses: build_classification_model
"""
# %% build_classification_model
kept_models = []


def build_classification_model(input_timesteps, input_features_size, hidden_size, num_classes, summary=True):
    for sizes, model in kept_models:
        if sizes == (input_timesteps, input_features_size, hidden_size, num_classes):
            return model
    model = keras.Sequential(
        [
            keras.Input((input_timesteps, input_features_size)),
            keras.layers.LSTM(hidden_size, return_sequences=True),
            keras.layers.LSTM(hidden_size, return_sequences=True),
            keras.layers.LSTM(hidden_size),
            keras.layers.Dense(num_classes, activation="softmax"),
        ]
    )
    kept_models.append(((input_timesteps, input_features_size, hidden_size, num_classes), model))
    return model
