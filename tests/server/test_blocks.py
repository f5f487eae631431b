"""Block documents: what is kept of their secrets, where, and what is said when the key is missing."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from lictor.kit.sealing import Broken, Key, key_name
from lictor.server.dispatch import Request
from lictor.server.principal import Principal
from lictor.server.reply import Refusal
from lictor.settings import table
from lictor.settings.load import load
from lictor.store.keyring import FILE, KeyProblem, Keyring
from tests.postgres import Cluster
from tests.running import Server, clean_environment
from tests.server.conftest import Api

SECRET = "s3cr3t-that-nobody-may-find"
HIDDEN = "hidden-in-a-plain-table"


def save(http: httpx.Client, name: str, secret: str = SECRET) -> str:
    """Save a block of the type `webhook` with a secret, and return its id."""
    owner = http.get("/block_types/slug/webhook").raise_for_status().json()["id"]
    wanted = {"block_schemas": {"block_type_id": {"any_": [owner]}}}
    schema = http.post("/block_schemas/filter", json=wanted).json()[0]["id"]
    data = {"url": secret, "headers": {"token": f"{secret}!"}, "options": {"password": HIDDEN}}
    body = {"name": name, "data": data, "block_schema_id": schema, "block_type_id": owner}
    answer = http.post("/block_documents/", json=body)
    assert answer.status_code == 201, answer.text
    assert secret not in answer.text
    made: str = answer.json()["id"]
    return made


def secret_of(http: httpx.Client, document_id: str) -> str:
    """Return the secret of a block."""
    answer = http.get(f"/block_documents/{document_id}", params={"include_secrets": True})
    assert answer.status_code == 200, answer.text
    url: str = answer.json()["data"]["url"]
    return url


def files_with(home: Path, text: str) -> list[str]:
    """Return the files below a folder that hold a text."""
    return [path.name for path in home.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def call(home: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `lictor server …`."""
    return subprocess.run(
        [sys.executable, "-m", "lictor.cli.main", "server", *words],
        env={**clean_environment(), "PREFECT_HOME": str(home), "COLUMNS": "200", **settings},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path, PREFECT_SERVER_LOGGING_LEVEL="DEBUG") as server:
        yield server


def test_a_secret_stands_in_no_file(alone: Server) -> None:
    key = alone.home / FILE
    with httpx.Client(base_url=alone.url, timeout=60) as http:
        assert not key.exists()
        document_id = save(http, "one")
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert secret_of(http, document_id) == SECRET
        change = {"data": {"url": f"{SECRET}-2", "headers": {"token": SECRET}}}
        assert http.patch(f"/block_documents/{document_id}", json=change).status_code == 204
        assert http.post("/block_documents/", json={"data": {"url": SECRET}}).status_code == 422
        for text in (SECRET, HIDDEN):
            assert files_with(alone.home, text) == []
        assert SECRET not in http.post("/events/filter", json={}).text
    alone.end()
    for text in (SECRET, HIDDEN, key.read_text().strip()):
        assert [name for name in files_with(alone.home, text) if name != FILE] == []


def test_a_missing_key_is_named_and_what_to_do(alone: Server) -> None:
    key = alone.home / FILE
    with httpx.Client(base_url=alone.url, timeout=60) as http:
        document_id = save(http, "one")
        kept, name = key.read_text(), Key(key.read_text().strip()).name
        alone.end()
        key.unlink()
        alone.start()
        assert f"encrypted with the key {name}" in alone.log.read_text()
        for answer in (
            http.get(f"/block_documents/{document_id}"),
            http.post("/block_documents/filter", json={}),
            http.patch(f"/block_documents/{document_id}", json={"data": {}}),
        ):
            assert answer.status_code == 500
            assert name in answer.json()["detail"]
            assert "PREFECT_SERVER_ENCRYPTION_KEY" in answer.json()["detail"]
        other = http.post(
            "/block_documents/",
            json={"name": "x", "block_schema_id": str(uuid4()), "block_type_id": str(uuid4())},
        )
        assert (other.status_code, key.exists()) == (500, False)
        assert http.get("/block_types/slug/secret").status_code == 200
        looked = call(alone.home, "doctor", "--output", "json")
        (found,) = [each for each in json.loads(looked.stdout) if each["point"] == "The encryption key"]
        assert (found["verdict"], "1 block documents" in found["found"]) == ("mend", True)
        key.write_text(f"{Key.draw()}\n{kept}")
        assert secret_of(http, document_id) == SECRET


def test_a_key_is_rotated(alone: Server) -> None:
    key = alone.home / FILE
    with httpx.Client(base_url=alone.url, timeout=60) as http:
        made = {save(http, f"n-{number}", f"{SECRET}-{number}"): f"{SECRET}-{number}" for number in range(3)}
    before = (alone.home / FILE).read_text()
    done = call(alone.home, "rotate-key")  # the server does it
    assert done.returncode == 0, done.stderr
    assert "3 block documents were encrypted anew" in done.stdout
    first, second = key.read_text().split()
    assert (second, stat.S_IMODE(key.stat().st_mode)) == (before.strip(), 0o600)
    key.write_text(first + "\n")
    with httpx.Client(base_url=alone.url, timeout=60) as http:
        assert {document_id: secret_of(http, document_id) for document_id in made} == made
    alone.end()
    before = first
    done = call(alone.home, "rotate-key")
    assert done.returncode == 0, done.stderr
    assert "3 block documents were encrypted anew" in done.stdout
    first, second = key.read_text().split()
    assert (second, stat.S_IMODE(key.stat().st_mode)) == (before.strip(), 0o600)
    key.write_text(first + "\n")
    alone.start()
    with httpx.Client(base_url=alone.url, timeout=60) as http:
        assert {document_id: secret_of(http, document_id) for document_id in made} == made
    told = call(alone.home, "database", "backup", str(alone.home / "copy.db"))
    assert "keep a copy of it" in told.stderr


def test_servers_on_one_database_need_one_key(cluster: Cluster, tmp_path: Path) -> None:
    with cluster.database() as name:
        for folder in ("one", "two"):
            (tmp_path / folder).mkdir()
        url = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": cluster.url(name)}
        with Server(tmp_path / "one", **url) as one, Server(tmp_path / "two", **url) as two:
            with httpx.Client(base_url=one.url, timeout=60) as http:
                document_id = save(http, "shared")
            for kind in ("block_document", "event"):
                rows = str(cluster.run(f"select cast({kind} as text) from {kind}", database=name))
                assert document_id.replace("-", "") in rows.replace("-", "")
                assert not any(text in rows for text in (SECRET, HIDDEN))
            with httpx.Client(base_url=two.url, timeout=60) as other:
                assert other.get(f"/block_documents/{document_id}").status_code == 500
                (two.home / FILE).write_text((one.home / FILE).read_text())
                assert secret_of(other, document_id) == SECRET
                done = call(one.home, "rotate-key", **url)  # while they are at work
                assert done.returncode == 0, done.stderr
                assert other.get(f"/block_documents/{document_id}").status_code == 500
                (two.home / FILE).write_text((one.home / FILE).read_text())
                assert secret_of(other, document_id) == SECRET
                later = save(other, "later")
            with httpx.Client(base_url=one.url, timeout=60) as http:
                assert (secret_of(http, document_id), secret_of(http, later)) == (SECRET, SECRET)
            again = call(one.home, "rotate-key", **url)
            assert "2 block documents" in again.stdout


def test_keys_of_the_setting_count_in_its_order(tmp_path: Path) -> None:
    old, new = Key.draw(), Key.draw()
    given = {"PREFECT_HOME": str(tmp_path), "PREFECT_SERVER_ENCRYPTION_KEY": f"{new},{old}"}
    settings = load(given, str(tmp_path))
    keyring, owner = Keyring(settings), uuid4()
    name, sealed = keyring.seal("text", owner)
    assert name == key_name(sealed) == Key(new).name
    assert keyring.unseal(Key(old).seal("before", owner.bytes), owner) == "before"
    assert new not in str(settings[table.SERVER_ENCRYPTION_KEY])
    with pytest.raises(KeyProblem, match="was changed outside of Lictor"):
        keyring.unseal(sealed, uuid4())
    with pytest.raises(KeyProblem, match="not in PREFECT_SERVER_ENCRYPTION_KEY"):
        keyring.unseal(Key(Key.draw()).seal("x", owner.bytes), owner)
    wrong = load({"PREFECT_HOME": str(tmp_path), "PREFECT_SERVER_ENCRYPTION_KEY": "nonsense"}, str(tmp_path))
    with pytest.raises(KeyProblem, match="44 characters"):
        Keyring(wrong).first()


@pytest.mark.parametrize("at", range(3))
def test_a_sealed_text_that_was_changed_does_not_open(at: int) -> None:
    key = Key(Key.draw())
    parts = key.seal("a text of some length", b"owner").split(":")
    parts[at] = {0: "v2", 1: parts[1], 2: parts[2][:-6] + "AAAA=="}[at]
    if at == 1:
        assert key.unseal(":".join(parts), b"owner") == "a text of some length"
        with pytest.raises(Broken):
            key.unseal(":".join(parts), b"another")
        return
    with pytest.raises(Broken):
        key.unseal(":".join(parts), b"owner")


def test_secrets_are_for_who_may_have_them() -> None:
    request: Any = object.__new__(Request)
    request.principal = Principal("reader", frozenset({"read"}))
    request.must("read")
    with pytest.raises(Refusal) as refused:
        request.must("secrets")
    assert refused.value.reply.status == 403


def test_lists_and_tables_of_secrets_are_masked(api: Api) -> None:
    slug = f"deep-{uuid4().hex}"
    owner = api("POST", "/block_types/", {"name": slug, "slug": slug})[1]["id"]
    fields = {"title": slug, "secret_fields": ["value", "logins.password", "by_name.key"]}
    schema = api("POST", "/block_schemas/", {"fields": fields, "block_type_id": owner})[1]["id"]
    data = {
        "value": {"user": "u", "deep": {"token": "t"}},
        "logins": [{"name": "n", "password": "p"}, {"password": None}],
        "by_name": {"first": {"key": "k", "plain": 1}},
    }
    body = {"name": "one", "data": data, "block_schema_id": schema, "block_type_id": owner}
    made = api("POST", "/block_documents/", body)[1]
    assert made["data"] == {
        "value": {"user": "********", "deep": {"token": "********"}},
        "logins": [{"name": "n", "password": "********"}, {"password": None}],
        "by_name": {"first": {"key": "********", "plain": 1}},
    }
    changed = {**made["data"], "by_name": {"first": {"key": "********", "plain": 2}}}
    assert api("PATCH", f"/block_documents/{made['id']}", {"data": changed})[0] == 204
    seen = api("GET", f"/block_documents/{made['id']}?include_secrets=true")[1]["data"]
    assert seen == {**data, "by_name": {"first": {"key": "k", "plain": 2}}}


def test_a_change_of_a_block_is_an_event_without_its_values(api: Api) -> None:
    document_id = save(api.http, f"event-{uuid4().hex}")
    api("PATCH", f"/block_documents/{document_id}", {"data": {"method": "GET"}})
    api("DELETE", f"/block_documents/{document_id}")
    wanted = {"filter": {"resource": {"id": [f"prefect.block-document.{document_id}"]}}}
    found = api("POST", "/events/filter", wanted)[1]["events"]
    assert [each["event"].rpartition(".")[2] for each in found] == ["deleted", "updated", "created"]
    assert SECRET not in json.dumps(found)
