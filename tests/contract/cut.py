"""Cuts the contract of all operations down to those in the table: `python -m tests.contract.cut FULL.json`."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from lictor.wire.operations import OPERATIONS

HERE = Path(__file__).parent / "openapi.json"
NAMED = re.compile(r"#/components/schemas/([^\"]+)")
LOOSE = {("/admin/settings", "get"), ("/automations/related-to/{resource_id}", "get")}
"""Operations whose answers are typed by a later issue."""


def cut(full: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a document that the table needs."""
    paths: dict[str, Any] = {}
    for row in OPERATIONS:
        if row.additive:
            continue
        found = dict(full["paths"][row.path][row.method.lower()])
        if (row.path, row.method.lower()) in LOOSE:
            found["responses"] = {}
        paths.setdefault(row.path, {})[row.method.lower()] = found
    schemas: dict[str, Any] = {}
    wanted = NAMED.findall(json.dumps(paths))
    while wanted:
        name = wanted.pop()
        if name not in schemas:
            schemas[name] = full["components"]["schemas"][name]
            wanted += NAMED.findall(json.dumps(schemas[name]))
    return {"paths": paths, "components": {"schemas": dict(sorted(schemas.items()))}}


if __name__ == "__main__":
    HERE.write_text(json.dumps(cut(json.loads(Path(sys.argv[1]).read_text())), indent=1) + "\n")
