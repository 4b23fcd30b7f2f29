"""Split the customer table into a part to train on and a part to test on."""
import random

from common import read_params, read_table, write_table

params = read_params()["prepare"]
rows = read_table("data/raw/customers.csv")
random.Random(params["seed"]).shuffle(rows)
cut = int(len(rows) * params["test_share"])
write_table("data/prepared/test.csv", rows[:cut])
write_table("data/prepared/train.csv", rows[cut:])
