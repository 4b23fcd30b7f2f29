# SPDX-License-Identifier: Apache-2.0
"""Webhooks as MLflow's client sets them, and a receiver that takes nothing on trust.

usage: use.py URL
"""
import http.server
import json
import queue
import sys
import threading
import urllib.request

import mlflow
from mlflow.entities.webhook import WebhookEvent, WebhookStatus
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from mlflow.webhooks.delivery import _generate_hmac_signature
from mlflow.webhooks.types import get_payload_class_for_event

url = sys.argv[1]
mlflow.set_tracking_uri(url)
client = MlflowClient()
told = queue.Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        told.put((self.headers, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        pass


receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
hook_url = f"http://127.0.0.1:{receiver.server_port}/hook"


def equal(have, want):
    assert have == want, f"{have!r} is not {want!r}"


def next_told(secret):
    """The next notice, which must be signed by the secret as MLflow itself would sign it."""
    headers, body = told.get(timeout=60)
    equal(
        headers["X-MLflow-Signature"],
        _generate_hmac_signature(
            secret, headers["X-MLflow-Delivery-Id"], headers["X-MLflow-Timestamp"], body
        ),
    )
    return json.loads(body)


def is_mlflows(notice):
    """Whether the notice is what MLflow says its receivers get."""
    event = WebhookEvent.from_str(f"{notice['entity']}.{notice['action']}")
    equal(set(notice["data"]), set(get_payload_class_for_event(event).__annotations__))
    return str(event)


events = [
    "registered_model.created",
    "model_version.created",
    "model_version_tag.set",
    "model_version_tag.deleted",
    "model_version_alias.created",
    "model_version_alias.deleted",
]
webhook = client.create_webhook(
    name="deploy", url=hook_url, events=events, description="the pipeline", secret="first-secret"
)
equal(webhook.name, "deploy")
equal(webhook.url, hook_url)
equal(webhook.description, "the pipeline")
equal(webhook.status, WebhookStatus.ACTIVE)
equal(webhook.secret, None)
equal([str(event) for event in webhook.events], sorted(events))  # as MLflow lists them
equal(client.get_webhook(webhook.webhook_id).webhook_id, webhook.webhook_id)

# Trying it.
result = client.test_webhook(webhook.webhook_id)
equal((result.success, result.response_status, result.error_message), (True, 200, None))
assert is_mlflows(next_told("first-secret")) in events
for event in events:
    assert client.test_webhook(webhook.webhook_id, event=event).success
    equal(is_mlflows(next_told("first-secret")), event)

# Being told.
client.create_registered_model("churn", tags={"team": "crm"}, description="who leaves")
client.create_model_version("churn", "s3://bucket/model", tags={"k": "v"}, description="first")
client.set_model_version_tag("churn", "1", "checked", "yes")
client.delete_model_version_tag("churn", "1", "checked")
client.set_registered_model_alias("churn", "champion", "1")
client.delete_registered_model_alias("churn", "champion")
notices = [next_told("first-secret") for _ in events]
equal([is_mlflows(notice) for notice in notices], events)
equal(
    notices[0]["data"],
    {"name": "churn", "tags": {"team": "crm"}, "description": "who leaves"},
)
equal(
    notices[1]["data"],
    {
        "name": "churn",
        "version": "1",
        "source": "s3://bucket/model",
        "run_id": None,
        "tags": {"k": "v"},
        "description": "first",
    },
)
equal([notice["seq"] for notice in notices], sorted({notice["seq"] for notice in notices}))

# Changing it.
changed = client.update_webhook(
    webhook.webhook_id, events=["model_version.created"], secret="second-secret"
)
equal([str(event) for event in changed.events], ["model_version.created"])
client.create_model_version("churn", "s3://bucket/model")
equal(is_mlflows(next_told("second-secret")), "model_version.created")
changed = client.update_webhook(webhook.webhook_id, status="DISABLED")
equal(changed.status, WebhookStatus.DISABLED)
client.create_model_version("churn", "s3://bucket/model")

# What MLflow lacks: its client cannot ask for it, and is not disturbed by it.
request = urllib.request.Request(
    f"{url}/api/2.0/mlflow/webhooks",
    json.dumps(
        {
            "name": "transitions",
            "url": hook_url,
            "secret": "second-secret",
            "events": [{"entity": "MODEL_VERSION", "action": "TRANSITIONED_STAGE"}],
        }
    ).encode(),
    {"Content-Type": "application/json"},
)
urllib.request.urlopen(request).close()
client.transition_model_version_stage("churn", "1", "Production")
notice = next_told("second-secret")
equal(notice["event_type"], "MODEL_VERSION_TRANSITIONED_STAGE")
equal((notice["model_name"], notice["version"]), ("churn", "1"))
equal((notice["from_stage"], notice["to_stage"]), ("None", "Production"))
equal([hook.name for hook in client.list_webhooks()], ["deploy"])

# Refusals.
for arguments in (
    {"name": "a b", "url": hook_url, "events": ["model_version.created"]},
    {"name": "a", "url": "http://example.com/", "events": ["model_version.created"]},
    {"name": "a", "url": "https://10.0.0.1/", "events": ["model_version.created"]},
    {"name": "a", "url": hook_url, "events": ["prompt.created"]},
):
    try:
        client.create_webhook(**arguments)
    except MlflowException as error:
        equal(error.error_code, "INVALID_PARAMETER_VALUE")
    else:
        raise AssertionError(f"{arguments} is not refused")

client.delete_webhook(webhook.webhook_id)
try:
    client.get_webhook(webhook.webhook_id)
except MlflowException as error:
    equal(error.error_code, "RESOURCE_DOES_NOT_EXIST")
else:
    raise AssertionError("a deleted webhook is still there")
equal(told.qsize(), 0)
