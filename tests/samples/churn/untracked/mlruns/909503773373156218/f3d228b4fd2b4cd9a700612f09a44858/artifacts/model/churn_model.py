"""The model as MLflow serves it: this file and the weights, nothing pickled."""
import json
import math

import mlflow


class ChurnModel(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        with open(context.artifacts["weights"]) as file:
            self.model = json.load(file)

    def predict(self, context, model_input, params=None):
        scores = model_input[self.model["features"]].dot(self.model["weights"]) + self.model["bias"]
        return scores.map(lambda score: 1.0 / (1.0 + math.exp(-score)))


mlflow.models.set_model(ChurnModel())
