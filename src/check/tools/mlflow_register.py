"""Puts a model into MLflow's registry as a new version: NAME ALIAS MODEL [FILE for the version's number]."""
import sys

import mlflow
from mlflow.exceptions import MlflowException

name, alias, model = sys.argv[1:4]
client = mlflow.MlflowClient()
try:
    client.create_registered_model(name)
except MlflowException as error:
    if error.error_code != "RESOURCE_ALREADY_EXISTS":
        raise
with mlflow.start_run() as run:
    mlflow.log_artifact(model, "model")
version = client.create_model_version(name, f"{run.info.artifact_uri}/model", run.info.run_id)
if alias:
    client.set_registered_model_alias(name, alias, version.version)
print(f"{name} has the version {version.version}")
for file in sys.argv[4:]:
    with open(file, "w", encoding="utf-8") as out:
        out.write(str(version.version))
