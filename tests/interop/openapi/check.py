# SPDX-License-Identifier: Apache-2.0
"""What a server answers, held against the OpenAPI document that it serves.

    check.py BASE BODY-FILE...

Every operation of the document is asked, with arguments that are good and with some that are not,
and each answer is validated against the schema of its status and media type. Each BODY-FILE is
posted to /statements. Prints one line for each answer; ends with 1 where one does not fit.
"""
import json
import sys
import urllib.error
import urllib.request

from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

base = sys.argv[1]
failures = 0


def ask(method, path, body=None, accept="*/*"):
    request = urllib.request.Request(base + path, data=body, method=method)
    request.add_header("Accept", accept)
    if body is not None:
        request.add_header("Content-Type", "application/json")
    try:
        response = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        return response.status, response.headers.get_content_type(), response.read()


document = json.loads(ask("GET", "/openapi.json")[2])
registry = Registry().with_resource(
    "urn:openapi", Resource(contents=document, specification=DRAFT202012)
)


def resolve(node):
    while "$ref" in node:
        target = document
        for part in node["$ref"].lstrip("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def validate(schema, value):
    if "$ref" in schema:
        schema = {"$ref": "urn:openapi" + schema["$ref"]}
    checker = Draft202012Validator.FORMAT_CHECKER
    Draft202012Validator(schema, registry=registry, format_checker=checker).validate(value)


def fits(operation, status, media_type, body):
    responses = operation["responses"]
    response = resolve(responses.get(str(status)) or responses["default"])
    content = response["content"]
    if media_type not in content:
        raise ValueError(f"{media_type} is not among {sorted(content)}")
    schema = content[media_type]["schema"]
    if media_type.endswith("json"):
        validate(schema, json.loads(body))


def check(method, template, path, want, body=None, accept="*/*"):
    global failures
    operation = document["paths"][template][method.lower()]
    status, media_type, answer = ask(method, path, body, accept)
    try:
        if status != want:
            raise ValueError(f"status {status}, not {want}: {answer[:200]!r}")
        fits(operation, status, media_type, answer)
        print(f"ok {method} {path} {status} {media_type}")
    except Exception as error:  # whatever a validator throws is a failure of this answer
        failures += 1
        print(f"FAILED {method} {path}: {error}")


seen = set()


def get(template, path, want=200, accept="*/*"):
    seen.add(template)
    check("GET", template, path, want, accept=accept)


for name in document["components"]["schemas"]:
    validator_for(document["components"]["schemas"][name], Draft202012Validator).check_schema(
        document["components"]["schemas"][name]
    )
get("/openapi.json", "/openapi.json")
get("/head", "/head")
get("/head", "/head?x=1", 400)
get("/checkpoint", "/checkpoint")
get("/checkpoint", "/checkpoint?covering=2")
get("/checkpoint", "/checkpoint?covering=100000", 404)
size = json.loads(ask("GET", "/head")[2])["size"]
get("/records", "/records")
get("/records", "/records?order=DESCENDING&limit=3")
get("/records", "/records?kind=nonsense", 400)
for seq in range(size):
    get("/records/{seq}", f"/records/{seq}")
    get("/records/{seq}/line", f"/records/{seq}/line")
get("/records/{seq}", "/records/100000", 404)
get("/proof/inclusion", "/proof/inclusion?seq=1")
get("/proof/inclusion", "/proof/inclusion?seq=1&size=3", accept="application/json")
get("/proof/inclusion", "/proof/inclusion?seq=1", 406, accept="image/png")
get("/proof/consistency", "/proof/consistency?old_size=2")
get("/proof/consistency", "/proof/consistency?old_size=0", 400)
get("/tile/{path}", "/tile/0/000.p/3")
get("/tile/{path}", "/tile/9/000.p/3", 404)
get("/lineage", "/lineage?ref=churn/1")
get("/lineage", "/lineage?ref=churn/1&down=true&depth=1")
get("/lineage", "/lineage?ref=churn/1", accept="image/svg+xml")
get("/lineage", "/lineage?ref=nothing", 404)
get("/at", "/at?what=churn&time=2")
get("/at", "/at?what=churn&stage=Nowhere&time=2", 404)
get("/timeline", "/timeline")
get("/timeline", "/timeline?what=churn&from=5&to=2", 400)
get("/history", "/history?what=churn/1")
get("/history", "/history?what=actor:nobody", 404)
get("/impact", "/impact?what=runs:/r1&what=churn/1")
get("/impact", "/impact", 400)
get("/path", "/path?from=runs:/r1&to=churn/1&all=true&limit=5")
get("/path", "/path?from=churn/1&to=churn/1", 400)
get("/diff", "/diff?before=runs:/r1&after=churn/1")
get("/diff", "/diff?before=churn&after=churn/1", 400)
get("/metrics", "/metrics?ref=churn/1")
get("/metrics", "/metrics?ref=nothing", 404)
get("/inventory", "/inventory?where=stage%3DNone&all_versions=true")
get("/inventory", "/inventory?where=colour%3Dred", 400)
get("/exceptions", "/exceptions?model=churn")
get("/exceptions", "/exceptions?check=nonsense", 400)
get("/flow", "/flow?stage=Production&from=0")
get("/flow", "/flow?from=yesterdayish", 400)
for ref in ("churn/1", "churn", "run:r1", "actor:alice", "%230"):
    get("/reference", f"/reference?ref={ref}")
get("/reference", "/reference?ref=churn/9", 404)
get("/verification", "/verification")
for file in sys.argv[2:]:
    with open(file, "rb") as source:
        body = source.read()
    validate({"$ref": "#/components/schemas/Sealed"}, json.loads(body))
    check("POST", "/statements", "/statements", 201, body)
    check("POST", "/statements", "/statements", 409, body)
    seen.add("/statements")
check("POST", "/statements", "/statements", 400, b"{}")
if missed := set(document["paths"]) - seen:
    failures += 1
    print(f"FAILED: never asked: {sorted(missed)}")
sys.exit(failures > 0)
