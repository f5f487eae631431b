"""Finds the operation of a path: a tree of segments, static ones before parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from lictor.kit.ids import is_id
from lictor.wire.operation import Operation

AnyOperation = Operation[Any, Any]
Found = tuple[dict[str, AnyOperation], dict[str, Any]]


class Node:
    """One segment of the tree; `parameters` are the children that take any segment, one for each name."""

    __slots__ = ("methods", "name", "parameters", "static")

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.methods: dict[str, AnyOperation] = {}
        self.static: dict[str, Node] = {}
        self.parameters: dict[str, Node] = {}

    def child(self, segment: str) -> Node:
        """Return the child for a segment of a row's path, made if need be."""
        if segment.startswith("{"):
            return self.parameters.setdefault(segment, Node(segment[1:-1]))
        return self.static.setdefault(segment, Node())


class Routes:
    """The paths of a table of operations."""

    def __init__(self, operations: Iterable[AnyOperation]) -> None:
        self.root = Node()
        for operation in operations:
            node = self.root
            for segment in operation.path.split("/"):
                node = node.child(segment)
            node.methods[operation.method] = operation

    def find(self, path: str) -> Found | None:
        """Return the methods of a path and its parameters, or None; a malformed UUID does not match."""
        return search(self.root, path.split("/"), 0)


def search(node: Node, segments: list[str], at: int) -> Found | None:
    """Walk down from a node along the segments that are left."""
    if at == len(segments):
        return (node.methods, {}) if node.methods else None
    segment = segments[at]
    static = node.static.get(segment)
    if static is not None:
        found = search(static, segments, at + 1)
        if found is not None:
            return found
    for child in node.parameters.values() if segment else ():
        value = read_parameter(child.name, segment)
        found = None if value is None else search(child, segments, at + 1)
        if found is not None:
            found[1][child.name] = value
            return found
    return None


def read_parameter(name: str, segment: str) -> UUID | str | None:
    """Return a path parameter in its type; ids are UUIDs, None if malformed."""
    if not is_id(name):
        return segment
    try:
        return UUID(segment) if len(segment) in (32, 36) else None
    except ValueError:
        return None
