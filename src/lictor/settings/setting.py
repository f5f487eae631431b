"""What a setting is: one row of the table."""

from __future__ import annotations

from typing import Generic, TypeVar

from lictor.settings.reading import Kind

T = TypeVar("T")

INTERFACE = "server.ui."


class Setting(Generic[T]):
    """One row of the table: dotted path, kind, default, and what it does.

    `aliases` are further environment variables that count. `own` marks what the reference does not have, `effect` is
    false where a value is accepted and changes nothing in Lictor.
    """

    __slots__ = ("aliases", "default", "doc", "effect", "kind", "name", "own", "path")

    def __init__(
        self,
        path: str,
        kind: Kind[T],
        default: T,
        doc: str,
        *,
        aliases: tuple[str, ...] = (),
        own: bool = False,
        effect: bool = True,
    ) -> None:
        self.path, self.kind, self.default, self.doc = path, kind, default, doc
        self.aliases, self.own, self.effect = aliases, own, effect
        self.name = "PREFECT_" + path.replace(".", "_").upper()
        """The environment variable: PREFECT_ and the path in capitals."""

    @property
    def names(self) -> tuple[str, ...]:
        """All its environment variables, the one that wins first."""
        return (self.name, *self.aliases)

    @property
    def paths(self) -> tuple[str, ...]:
        """Where a TOML file may have it, the place that wins first: `[ui]` counts as `[server.ui]`."""
        if self.path.startswith(INTERFACE):
            return (self.path, self.path.removeprefix("server."))
        return (self.path,)

    @property
    def secret(self) -> bool:
        """Whether its value is masked wherever it is shown."""
        return self.kind.secret

    def read(self, given: object) -> T:
        """Read a text or a TOML value; raise ValueError with the fix where it cannot be read."""
        return self.kind.read(given)

    def __repr__(self) -> str:
        return f"Setting({self.path})"
