"""Calls commands of the reference one after the other, in one process: `python commanding.py prefect COMMAND…`.

Each COMMAND is a line; `{id}` in one stands for the first id in what was said last with an id in it. Prints for each its
exit code and what it said.
"""

from __future__ import annotations

import io
import json
import re
import shlex
import sys
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
command = import_module(f"{sys.argv[1]}.cli").app
lines = sys.argv[2:]
told: list[tuple[int, str]] = []
last = ""
for line in lines:
    sys.argv = ["prefect", "--no-prompt", *shlex.split(line.replace("{id}", last))]
    code, said = 0, io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        try:
            command()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    last = next(iter(UUID.findall(said.getvalue())), last)
    told.append((code, said.getvalue()))

print(json.dumps(told))
