# SPDX-License-Identifier: Apache-2.0
"""The customer table, made up: the same bytes for the same number of rows.

usage: customers.py ROWS
"""
import random
import sys

source = random.Random(7)
print("customer,tenure_months,monthly_charges,support_calls,contract,churned")
for number in range(int(sys.argv[1])):
    tenure, calls = source.randint(1, 72), source.randint(0, 8)
    charges = source.randint(1500, 11500) / 100
    contract = source.choice(("monthly", "monthly", "yearly"))
    risk = 0.25 + 0.07 * calls + 0.3 * (contract == "monthly") - 0.012 * tenure + charges / 500
    churned = int(source.random() < risk)
    print(f"C{number + 1:04},{tenure},{charges:.2f},{calls},{contract},{churned}")
