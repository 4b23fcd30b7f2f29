"""Measure the model on the customers that it has not seen."""
import json
import math
import pathlib

from common import features, probability, read_params, read_table

threshold = read_params()["evaluate"]["threshold"]
model = json.loads(pathlib.Path("model/weights.json").read_text())
_, rows, labels = features(read_table("data/features/test.csv"))
scores = [probability(model["weights"], model["bias"], row) for row in rows]
left = [s for s, label in zip(scores, labels) if label]
stayed = [s for s, label in zip(scores, labels) if not label]
wins = sum((a > b) + 0.5 * (a == b) for a in left for b in stayed)
metrics = {
    "accuracy": sum((s > threshold) == bool(label) for s, label in zip(scores, labels)) / len(labels),
    "auc": wins / (len(left) * len(stayed)),
    "log_loss": -sum(math.log(s if label else 1 - s) for s, label in zip(scores, labels)) / len(labels),
}
rounded = {name: round(value, 6) for name, value in metrics.items()}
pathlib.Path("metrics.json").write_text(json.dumps(rounded, indent=2) + "\n")
