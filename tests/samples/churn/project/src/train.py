"""Logistic regression by plain gradient descent; the weights are small and readable."""
import json
import math
import pathlib

from common import features, probability, read_params, read_table

params = read_params()["train"]
names, rows, labels = features(read_table("data/features/train.csv"))
weights, bias, losses = [0.0] * len(names), 0.0, []
for _ in range(params["epochs"]):
    gradient, bias_gradient, loss = [0.0] * len(names), 0.0, 0.0
    for row, label in zip(rows, labels):
        p = probability(weights, bias, row)
        loss -= math.log(p if label else 1 - p)
        bias_gradient += p - label
        gradient = [g + (p - label) * x for g, x in zip(gradient, row)]
    rate = params["learning_rate"]
    weights = [w - rate * (g / len(rows) + params["l2"] * w) for w, g in zip(weights, gradient)]
    bias -= rate * bias_gradient / len(rows)
    losses.append(round(loss / len(rows), 6))

model = {
    "features": names,
    "weights": [round(w, 6) for w in weights],
    "bias": round(bias, 6),
    "losses": losses,
}
pathlib.Path("model").mkdir(exist_ok=True)
pathlib.Path("model/weights.json").write_text(json.dumps(model, indent=1) + "\n")
