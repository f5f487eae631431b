"""What the start of a test's server costs, counted and not timed, and what it leaves alone."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from lictor.store.migrate import fresh, migrate
from tests.running import clean_environment

MOST_CALLS = 12_000
"""Calls of Python functions, from the start of a server to its end; they were 6,300 when this was written."""

CODE = """
import json, sys, threading
from lictor import flow, task, get_client
from lictor.testing import lictor_test_harness

@task
def one(): return 1

@flow
def all_of_it(): return one() + one.submit().result()

with lictor_test_harness():  # loads what is loaded once
    all_of_it()

seen, calls = [], [0]
NOTED = ("socket.bind", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.fork", "os.posix_spawn")

def audit(event, args):
    if event in NOTED:
        seen.append(event)
    elif event in ("open", "os.mkdir", "os.rename", "sqlite3.connect") and len(args) and isinstance(args[0], str):
        if event != "open" or (isinstance(args[2], int) and args[2] & 3):
            seen.append(args[0])

def count(frame, event, argument):
    calls[0] += event == "call"

sys.addaudithook(audit)
threading.setprofile(count)
sys.setprofile(count)
before = threading.enumerate()
with lictor_test_harness() as harness:
    sys.setprofile(None)
    threads = [thread.name for thread in threading.enumerate() if thread not in before]
    home = str(harness.home)
    all_of_it()
    sys.setprofile(count)
sys.setprofile(None)
print(json.dumps({"calls": calls[0], "threads": sorted(threads), "home": home, "seen": seen}))
"""


def test_a_tests_database_is_like_one_that_was_migrated(tmp_path: Path) -> None:
    made, migrated = tmp_path / "made.db", tmp_path / "migrated.db"
    made.write_bytes(fresh())
    migrate(str(migrated))
    migrate(str(made))  # has nothing to do
    assert made.read_bytes() == fresh()
    found = [described(each) for each in (made, migrated)]
    assert found[0] == found[1]


def described(path: Path) -> tuple[object, ...]:
    with closing(sqlite3.connect(path)) as db:
        tables = db.execute("select type, name, sql from sqlite_master order by name").fetchall()
        numbers = [
            db.execute(f"pragma {name}").fetchone() for name in ("user_version", "application_id", "auto_vacuum")
        ]
    return tables, numbers


def test_the_start_is_cheap_and_touches_nothing_but_its_own_folder(tmp_path: Path) -> None:
    environment = {**clean_environment(), "PREFECT_HOME": str(tmp_path / "real"), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, env=environment, cwd=tmp_path
    )
    found = json.loads(done.stdout)
    assert found["calls"] < MOST_CALLS
    assert found["threads"] == ["lictor-test-server", "store-reader_0", "store-writer"]  # which keys blocks need
    assert [place for place in found["seen"] if found["home"] not in place] == []
    assert list(tmp_path.iterdir()) == []
