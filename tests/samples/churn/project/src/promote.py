"""Move a version of the registered model to a stage, give it an alias, a description, tags.

usage: promote.py VERSION STAGE [NAME=VALUE...]

NAME is alias, description, model.description (that of the whole model), model.KEY (a tag of
the whole model) or the key of a tag of the version.
"""
import pathlib
import sys

from mlflow import MlflowClient

version, stage, *pairs = sys.argv[1:]
client = MlflowClient(pathlib.Path("mlruns").resolve().as_uri())
client.transition_model_version_stage("churn", version, stage)
for name, _, value in (pair.partition("=") for pair in pairs):
    if name == "alias":
        client.set_registered_model_alias("churn", value, version)
    elif name == "description":
        client.update_model_version("churn", version, description=value)
    elif name == "model.description":
        client.update_registered_model("churn", description=value)
    elif name.startswith("model."):
        client.set_registered_model_tag("churn", name.removeprefix("model."), value)
    else:
        client.set_model_version_tag("churn", version, name, value)
