"""Reads settings with the reference's own code: cases as JSON on standard input, values as JSON on standard output."""
# mypy: ignore-errors

from __future__ import annotations

import json
import os
import sys
from typing import Any

from prefect.settings import Settings


def value_of(environment: dict[str, str], path: str) -> Any:
    """Return the value that the reference reads, as its API would answer it; nothing where it refuses to."""
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        value: Any = Settings().model_dump(mode="json", context={"include_secrets": True})
    except ValueError:
        return {"refused": True}
    finally:
        os.environ.clear()
        os.environ.update(before)
    for part in path.split("."):
        value = value[part]
    return {"value": value}


def main() -> None:
    """Answer all cases, and all values without any setting."""
    cases = json.load(sys.stdin)
    answers = [value_of(environment, path) for environment, path in cases]
    json.dump({"answers": answers, "plain": Settings().model_dump(mode="json")}, sys.stdout)


if __name__ == "__main__":
    main()
