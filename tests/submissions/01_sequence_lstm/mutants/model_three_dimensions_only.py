"""Works on (B, T, F), but not on the row data's (B, T, F, 1).

Loses: build_classification_model
"""
# %% build_classification_model
class Classifier(keras.Model):
    def __init__(self, hidden_size, num_classes):
        super().__init__()
        self.lower = keras.layers.LSTM(hidden_size, return_sequences=True)
        self.middle = keras.layers.LSTM(hidden_size, return_sequences=True)
        self.upper = keras.layers.LSTM(hidden_size)
        self.answer = keras.layers.Dense(num_classes, activation="softmax")

    def call(self, inputs):
        return self.answer(self.upper(self.middle(self.lower(inputs))))


def build_classification_model(input_timesteps, input_features_size, hidden_size, num_classes, summary=True):
    return Classifier(hidden_size, num_classes)
