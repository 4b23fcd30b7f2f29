"""What the stages share: tables, parameters and the model's arithmetic."""
import csv
import math
import pathlib


def read_table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def write_table(path, rows):
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_params(path="params.yaml"):
    """The two levels of params.yaml, without needing a YAML library."""
    params, section = {}, None
    for line in pathlib.Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if not line.startswith(" "):
            section = params.setdefault(key, {})
        else:
            section[key.strip()] = _scalar(value.strip())
    return params


def _scalar(text):
    if text in ("true", "false"):
        return text == "true"
    return float(text) if "." in text else int(text)


def features(rows):
    """The numeric columns of each row, and whether the customer left."""
    names = [name for name in rows[0] if name not in ("customer", "churned")]
    return names, [[float(r[n]) for n in names] for r in rows], [int(r["churned"]) for r in rows]


def probability(weights, bias, row):
    score = bias + sum(w * x for w, x in zip(weights, row))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))
