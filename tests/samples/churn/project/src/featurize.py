"""Turn the columns into numbers between 0 and about 1."""
import math

from common import read_params, read_table, write_table

params = read_params()["featurize"]


def featurize(row):
    charges = float(row["monthly_charges"])
    return {
        "customer": row["customer"],
        "tenure": round(min(int(row["tenure_months"]), params["tenure_cap"]) / params["tenure_cap"], 4),
        "charges": round(math.log1p(charges) / 5 if params["log_charges"] else charges / 120, 4),
        "calls": round(int(row["support_calls"]) / 10, 4),
        "monthly_contract": int(row["contract"] == "monthly"),
        "churned": row["churned"],
    }


for part in ("train", "test"):
    rows = read_table(f"data/prepared/{part}.csv")
    write_table(f"data/features/{part}.csv", [featurize(row) for row in rows])
