# SPDX-License-Identifier: Apache-2.0
"""Reads a PROV-JSON file by the prov package, and the same ledger's GraphML by networkx.

usage: read.py PROV-JSON GRAPHML

What is in them must survive being written and read again, and be the same things."""
import json
import sys

import networkx
from prov.model import ProvDocument


def main():
    prov_path, graphml_path = sys.argv[1:]
    with open(prov_path, encoding="utf-8") as file:
        text = file.read()
    document = ProvDocument.deserialize(content=text, format="json")
    again = ProvDocument.deserialize(content=document.serialize(format="json"), format="json")
    assert document == again, "the round trip through prov changed the document"
    things = sum(len(json.loads(text).get(kind, {})) for kind in ("entity", "activity", "agent"))
    read = sum(1 for record in document.get_records() if record.is_element())
    assert read == things, f"prov reads {read} elements of {things}"
    graph = networkx.read_graphml(graphml_path, force_multigraph=True)
    for _, data in graph.nodes(data=True):
        assert data["id"] and data["kind"] and len(data["link"]) == 64, data
        name = "d:" + data["id"]
        assert document.valid_qualified_name(name) is not None, name
    print(read, "elements,", graph.number_of_nodes(), "nodes,", graph.number_of_edges(), "edges")


main()
