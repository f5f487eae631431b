"""Tells a story, which is a row of requests, to a server, and notes its answers in a form that two servers share.

In a path or body `$name` stands for what an earlier answer gave under `keep`, `$story` for a word that nobody else uses,
and `$new_one`, `$new_two`, … for ids of the story's own. In what is noted, ids are numbered as they first appear; times, drawn names and a server's own words are what
they are and not which ones, save for those that the story itself sent.
"""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_OID, uuid4, uuid5

UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
DRAWN = re.compile(r"[a-z]+-[a-z]+")
KEPT = re.compile(r"\$([a-z_0-9]+)")
TOKEN = re.compile(r"page-token=[\w=%-]+")
ORIGIN = re.compile(r"http://127\.0\.0\.1:\d+")
ELAPSED = frozenset(
    {
        "estimated_run_time",
        "estimated_start_time_delta",
        "total_run_time",
        "sum_estimated_run_time",
        "sum_estimated_lateness",
        "time_in_current_state",
    }
)
WORDS = frozenset({"detail", "exception_message", "reason", "msg", "message", "display_value", "error"})
TOLD_BACK = frozenset({"input", "ctx", "url"})
"""What beside `type` and `loc` says what is wrong with a field: not looked at by clients."""

SETS = frozenset({"exception_detail", "pause_keys"})
"""Lists whose order means nothing."""

Answer = tuple[int, Any]
Difference = tuple[str, Any, Any]

PATIENCE = 120.0
"""How many seconds to wait for what a server stores by and by."""

STALLED, FAILED = 30, 2
"""How often a request is sent again after a 503, and after another 5xx."""


@dataclass(frozen=True)
class Step:
    """One request; `keep` names places in its answer, `unordered` says that the order of a list means nothing.

    `content` is sent as it is in place of a body's JSON. With `awaits` the request is sent again until its answer has
    some value at some place: the reference stores events a while after it took them. With `only_refusals` the bodies of successful answers are not compared.
    """

    method: str
    path: str
    body: Any = None
    keep: dict[str, str] = field(default_factory=dict)
    unordered: bool = False
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    awaits: tuple[str, Any] | None = None
    only_refusals: bool = False

    def __str__(self) -> str:
        sent = "" if self.body is None else f" {json.dumps(self.body)}"
        return f"{self.method} {self.path}{sent[:300]}{(self.content or b'').decode()}"


Story = list[Step]


class Server:
    """A server's API over one connection."""

    def __init__(self, url: str) -> None:
        self.address = urlsplit(url)
        self.connection: http.client.HTTPConnection | None = None

    def send(self, method: str, path: str, content: bytes | None, headers: dict[str, str]) -> Answer:
        """Send a request, again where the server is stalled or the connection lost."""
        stalled = failed = 0
        while True:
            try:
                status, text = self.once(method, path, content, headers)
            except (http.client.HTTPException, OSError):
                self.connection = None
                status, text = 503, b""
            stalled, failed = stalled + (status == 503), failed + (status >= 500)
            if status < 500 or stalled > STALLED or (status != 503 and failed > FAILED):
                return status, read(text)
            time.sleep(0.2)

    def once(self, method: str, path: str, content: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        if self.connection is None:
            assert self.address.hostname
            self.connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=150)
        kind = {} if content is None else {"content-type": "application/json"}
        self.connection.request(method, self.address.path + path, content, {**kind, **headers})
        answer = self.connection.getresponse()
        return answer.status, answer.read()


def read(content: bytes) -> Any:
    """Return an answer's JSON, or its text if it is none."""
    try:
        return json.loads(content) if content else None
    except ValueError:
        return content.decode()


class Teller:
    """Tells one story to one server."""

    def __init__(self, server: Server, word: str) -> None:
        self.server = server
        self.kept: dict[str, Any] = {"story": word}
        self.ids: dict[str, str] = {}
        self.sent: set[Any] = set()

    def tell(self, story: Iterable[Step]) -> Iterator[Answer]:
        """Yield what is answered to each step."""
        for step in story:
            path, body = self.filled(step.path), self.filled(step.body)
            self.remember(body)
            content = step.content if step.content is not None else b"" if body is None else json.dumps(body).encode()
            status, answer = self.server.send(step.method, path, content or None, step.headers)
            until = time.monotonic() + PATIENCE
            while step.awaits and at(answer, step.awaits[0]) != step.awaits[1] and time.monotonic() < until:
                time.sleep(0.2)
                status, answer = self.server.send(step.method, path, content or None, step.headers)
            for name, place in step.keep.items():
                self.kept[name] = at(answer, place)
            plain = self.plain(answer)
            if step.unordered and isinstance(plain, list):
                plain.sort(key=lambda each: str(at(each, "id")))
            yield status, plain

    def filled(self, value: Any) -> Any:
        """Return what is to be sent, with what is kept in the place of its names."""
        if isinstance(value, str):
            whole = KEPT.fullmatch(value)
            return self.known(whole[1]) if whole else KEPT.sub(lambda found: str(self.known(found[1])), value)
        if isinstance(value, list):
            return [self.filled(each) for each in value]
        if isinstance(value, dict):
            return {name: self.filled(each) for name, each in value.items()}
        return value

    def known(self, name: str) -> Any:
        """Return what a name stands for."""
        if name.startswith("new_"):
            return str(uuid5(NAMESPACE_OID, f"{self.kept['story']} {name}"))
        return self.kept[name]

    def remember(self, value: Any) -> None:
        """Remember the texts that were sent, and number the ids among them."""
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            self.remember(each)
        if isinstance(value, str):
            self.sent.add(value)
            self.numbered(value)

    def plain(self, value: Any, name: str = "") -> Any:
        """Return an answer without what differs from one telling to the next."""
        if isinstance(value, dict):
            if name == "exception_detail" or {"type", "loc", "msg"} <= value.keys():
                value = {key: each for key, each in value.items() if key not in TOLD_BACK}
            return {self.text(key, ""): self.plain(each, key) for key, each in value.items()}
        if isinstance(value, list):
            plain = [self.plain(each, name if name in WORDS else "") for each in value]
            return sorted(plain, key=str) if name in SETS else plain
        if isinstance(value, str):
            return self.text(value, name)
        if name in ELAPSED and isinstance(value, int | float):
            return Elapsed(value)
        return value

    def text(self, value: str, name: str) -> str:
        """Return a text without ids, times and what was drawn."""
        if value in self.sent and not UUID.search(value):
            return value
        if name in WORDS:
            return "words"
        if TIME.fullmatch(value):
            return "a time"
        if name == "name" and DRAWN.fullmatch(value):
            return "a name"
        return self.numbered(TOKEN.sub("page-token=", ORIGIN.sub("origin", value)))

    def numbered(self, value: str) -> str:
        """Return a text with the number of each id in its place."""

        def number(found: re.Match[str]) -> str:
            return self.ids.setdefault(found[0].lower().replace("-", ""), f"id {len(self.ids) + 1}")

        return UUID.sub(number, value)


def at(value: Any, place: str) -> Any:
    """Return what stands at a place of an answer, `""` if there is nothing: `id`, `0.id`."""
    for key in place.split(".") if place else ():
        try:
            value = value[int(key)] if isinstance(value, list) else value[key]
        except (IndexError, KeyError, TypeError):
            return ""
    return value


def told(server: Server, story: Story, word: str) -> list[Answer]:
    """Tell a story and return its answers."""
    return list(Teller(server, word).tell(story))


def both_told(ours: Server, theirs: Server, story: Story) -> tuple[list[Answer], list[Answer]]:
    """Tell a story to both; once more, as a new one, where the reference could not answer."""
    for _ in range(3):
        word = f"w{uuid4().hex[:12]}x"
        answers = told(ours, story, word), told(theirs, story, word)
        if all(status < 500 for status, _ in answers[1]):
            break
    return answers


def differences(ours: Answer, theirs: Answer) -> list[Difference]:
    """Return the places in which two answers to one request differ, with what stands there."""
    if ours[0] != theirs[0]:
        return [("status", ours[0], theirs[0])]
    one, other = dict(leaves(ours[1])), dict(leaves(theirs[1]))
    places = [*one, *(place for place in other if place not in one)]
    return [
        (place, one.get(place, ABSENT), other.get(place, ABSENT))
        for place in places
        if not same(one.get(place, ABSENT), other.get(place, ABSENT))
    ]


ABSENT = "(absent)"
SLOW = 60.0
"""How many seconds two tellings may lie apart."""


class Elapsed(float):
    """How many seconds have gone by since some moment."""


def same(one: Any, other: Any) -> bool:
    """Tell whether two leaves are the same; a truth value is no number, and time goes by between two tellings."""
    if isinstance(one, Elapsed) and isinstance(other, Elapsed):
        return abs(one - other) < SLOW
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value of an answer that has no parts, with its place."""
    if isinstance(value, dict) and value:
        for name, each in value.items():
            yield from leaves(each, f"{place}.{name}" if place else name)
    elif isinstance(value, list) and value:
        for number, each in enumerate(value):
            yield from leaves(each, f"{place}.{number}" if place else str(number))
    else:
        yield place, value
