# SPDX-License-Identifier: Apache-2.0
"""usage: check.py SCHEMA REPORT LEAST: exits 0 if the report is valid and has LEAST results."""
import json
import sys

import jsonschema

schema, report = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:3])
validator = jsonschema.validators.validator_for(schema)(schema)
errors = [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(report)]
results = report["runs"][0]["results"]
if len(results) < int(sys.argv[3]):
    errors.append(f"{len(results)} results where {sys.argv[3]} are due")
print("\n".join(errors))
sys.exit(bool(errors))
