# SPDX-License-Identifier: Apache-2.0
"""Verifies signed exports by the libraries that supply-chain tools use: the envelopes by
securesystemslib (in-toto, TUF), what is in them by in-toto's own messages of statements, SLSA
provenance and test results.

usage: attest.py FILE [PREDICATE]    (one envelope a line; PREDICATE: how its type ends, must be there)

The key is the ledger's, given by the environment's KEY as hexadecimal. Fields of ours (mledger_…) are
extensions, which readers leave aside."""
import json
import os
import sys

from google.protobuf.json_format import ParseDict
from in_toto_attestation.predicates.provenance.v1.provenance_pb2 import Provenance
from in_toto_attestation.predicates.test_result.v0.test_result_pb2 import TestResult
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as StatementMessage
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

PREDICATES = {
    "https://slsa.dev/provenance/v1": Provenance,
    "https://in-toto.io/attestation/test-result/v0.1": TestResult,
}


def key_of(public):
    return SSlibKey(public, "ed25519", "ed25519", {"public": public})


def refuses(envelope, key):
    try:
        envelope.verify([key], 1)
    except VerificationError:
        return True
    return False


def verify(line, key):
    """What is in the envelope, which the key signed: neither another key nor another payload."""
    envelope = Envelope.from_dict(json.loads(line))
    envelope.verify([key], 1)
    assert refuses(envelope, key_of("11" * 32)), "a key that did not sign verifies"
    whole = envelope.payload
    envelope.payload = whole[:-2] + b" " + whole[-1:]
    assert refuses(envelope, key), "a payload that was not signed verifies"
    return envelope.payload_type, json.loads(whole)


def read_statement(payload):
    message = ParseDict(payload, StatementMessage(), ignore_unknown_fields=True)
    Statement.copy_from_pb(message).validate()
    kind = PREDICATES.get(payload["predicateType"])
    if not kind:
        return
    predicate = ParseDict(payload["predicate"], kind(), ignore_unknown_fields=True)
    if kind is Provenance:
        assert predicate.build_definition.build_type and predicate.run_details.builder.id
        assert len(predicate.build_definition.resolved_dependencies) == len(
            payload["predicate"]["buildDefinition"]["resolvedDependencies"]
        )


def main():
    path, wanted = sys.argv[1], sys.argv[2:]
    key = key_of(os.environ["KEY"])
    types = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            media, payload = verify(line, key)
            if media == "application/vnd.in-toto+json":
                read_statement(payload)
                types.append(payload["predicateType"])
    for end in wanted:
        assert any(one.endswith(end) for one in types), f"no {end} among {types}"
    print(len(types), "statements")


main()
