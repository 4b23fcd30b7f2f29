# SPDX-License-Identifier: Apache-2.0
"""A clock and ids for MLflow that are the same each time the sample is made.

Python imports this first when its folder is on PYTHONPATH. With CHURN_CLOCK set (an RFC 3339
time) the clock starts there and goes on by 7 ms each time MLflow reads it, and no faster, however
often others do; random ids follow from it. MLflow itself is untouched.
"""
import os

if os.environ.get("CHURN_CLOCK"):
    import datetime
    import random
    import sys
    import time
    import uuid

    def _clock(text):
        now = datetime.datetime.fromisoformat(text).timestamp()

        def read():
            nonlocal now
            if sys._getframe(1).f_globals.get("__name__", "").startswith("mlflow."):
                now += 0.007
            return now

        return read

    def _uuid4(text):
        source = random.Random(text)
        return lambda: uuid.UUID(int=source.getrandbits(128), version=4)

    time.time = _clock(os.environ["CHURN_CLOCK"])
    uuid.uuid4 = _uuid4(os.environ["CHURN_CLOCK"])
    random.seed(os.environ["CHURN_CLOCK"])
