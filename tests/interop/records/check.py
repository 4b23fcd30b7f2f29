# SPDX-License-Identifier: Apache-2.0
"""Checks an exported ledger by another implementation, from docs/FORMAT.md alone.

Reads JSON lines of `mledger export` on standard input and checks, for each record: the DSSE
envelope's Ed25519 signature, the header's fields (read by a protobuf reader of a few lines),
numbering and chain, the commitment over the salted parts, the statements' signatures; and over
all of them the root of the RFC 6962 tree. Prints the number of records, the identity and the root.
"""
import base64
import hashlib
import json
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at


def fields(data):
    """The fields of a protobuf message, in order: (number, value)."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            size, at = varint(data, at)
            value, at = data[at : at + size], at + size
            assert len(value) == size, "truncated"
        else:
            raise AssertionError(f"wire type {key & 7}")
        yield key >> 3, value


def pae(kind, body):
    kind = kind.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


def verify(key, signature, kind, body):
    Ed25519PublicKey.from_public_bytes(key).verify(signature, pae(kind, body))


def part(salt, data):
    return sha256(b"\x05", salt, data)


def root_of(leaves):
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01", root_of(leaves[:split]), root_of(leaves[split:]))


def check_statements(data, identity, subject):
    for number, signed in fields(data):
        assert number == 1
        signed = dict(fields(signed))
        verify(signed[2], signed[3], "application/vnd.mledger.statement.v1+protobuf", signed[1])
        statement = dict(fields(signed[1]))
        assert statement[1] == identity, "a statement for another ledger"
        assert statement[2] == subject, "a statement on another event"


def check(lines):
    leaves, link, identity, last, statements = [], bytes(32), None, 0, 0
    for seq, line in enumerate(lines):
        record = json.loads(line)
        envelope = record["dsse"]
        header = base64.b64decode(envelope["payload"], validate=True)
        signature = base64.b64decode(envelope["signatures"][0]["sig"], validate=True)
        known = dict(fields(header))
        assert record["seq"] == seq == known[3], f"record {seq}: number"
        assert known[4] == link, f"record {seq}: chain"
        assert known[5] >= last, f"record {seq}: time"
        verify(known[6], signature, envelope["payloadType"], header)
        salts = {name: bytes.fromhex(salt) for name, salt in record["salts"].items()}
        parts = {
            name: base64.b64decode(record.get(name, ""), validate=True)
            for name in ("event", "details", "statements")
        }
        hashes = {name: part(salts[name], parts[name]) for name in parts if name in salts}
        if "details_hash" in record:
            hashes["details"] = bytes.fromhex(record["details_hash"])
        commitment = sha256(b"\x02", hashes["event"], hashes["details"], hashes["statements"])
        assert commitment == known[8], f"record {seq}: commitment"
        link, last = sha256(b"\x04", header), known[5]
        leaves.append(sha256(b"\x00", signature, header))
        identity = identity or leaves[0]
        if parts["statements"]:
            statements += 1
            check_statements(
                parts["statements"], identity, sha256(b"\x06", hashes["event"], hashes["details"])
            )
    assert leaves, "no records"
    print(f"{len(leaves)} {identity.hex()} {root_of(leaves).hex()}")
    print(f"{statements} records carry statements", file=sys.stderr)


if __name__ == "__main__":
    check(sys.stdin)
