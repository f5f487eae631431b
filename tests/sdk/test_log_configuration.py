"""Log lines go where a user's own logging.yml, the environment and the settings want them."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lictor import flow, get_run_logger, task
from lictor.engine.run_logger import FLOW_RUNS
from lictor.logging import LogEavesdropper, disable_run_logger, get_logger
from lictor.logging.handlers import APILogHandler, PrefectConsoleHandler
from lictor.logging.loggers import flow_run_logger, task_run_logger
from lictor.sdk import logging as sdk_logging
from lictor.sdk.log_configuration import configure, defaults, overridden
from lictor.settings import Setting, Settings, SettingsError, current, temporary_settings
from tests.running import clean_environment
from tests.sdk.conftest import Api, ended

REFERENCE = os.environ.get("LICTOR_TEST_REFERENCE_PYTHON")

OWN = """
version: 1
disable_existing_loggers: False
formatters:
  own:
    (): prefect.logging.formatters.PrefectFormatter
    format: "%(levelname)s|%(name)s|%(message)s"
    flow_run_fmt: "%(levelname)s|%(flow_name)s|%(message)s"
    task_run_fmt: "%(levelname)s|%(task_name)s in %(flow_name)s|%(message)s"
  json:
    class: prefect.logging.formatters.JsonFormatter
    format: default
handlers:
  console:
    level: 0
    class: prefect.logging.handlers.PrefectConsoleHandler
    formatter: own
    stream: ext://sys.stdout
    styles:
      log.web_url: bright_blue
  file:
    class: logging.FileHandler
    formatter: json
    filename: {folder}/lines.jsonl
  held:
    class: logging.handlers.MemoryHandler
    capacity: 1
    target: file
  api:
    level: 0
    class: prefect.logging.handlers.APILogHandler
loggers:
  prefect:
    level: "${{PREFECT_LOGGING_LEVEL}}"
  prefect.flow_runs:
    level: NOTSET
    handlers: [api, held]
  prefect.task_runs:
    level: NOTSET
    handlers: [api]
root:
  level: WARNING
  handlers: [console]
"""

PROGRAM = """
import logging
from {package} import flow, task, get_run_logger

@task
def adds(number):
    get_run_logger().warning("adding %s", number)
    logging.getLogger("library").info("about %s", number)
    return number + 1

@flow(name="counting")
def counting():
    get_run_logger().info("begins")
    get_run_logger().debug("too low")
    logging.getLogger("other.library").warning("careful")
    return adds(1)

counting()
"""


@contextmanager
def configured(**changes: Any) -> Iterator[None]:
    """Let settings hold, and the loggers go by them."""
    updates: dict[Setting[Any] | str, Any] = {f"PREFECT_{name.upper()}": value for name, value in changes.items()}
    with temporary_settings(updates):
        sdk_logging.set_up()
        yield
    sdk_logging.set_up()


def run(python: str, package: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-c", PROGRAM.format(package=package)],
        env={**clean_environment(), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )


def is_pytest_s(handler: logging.Handler) -> bool:
    return type(handler).__module__.startswith("_pytest")


def of_user(text: str) -> list[str]:
    """Return the lines that the program itself wrote; the words of the engines' own differ."""
    wanted = ("begins", "adding", "about", "careful", "too low")
    return [line.rstrip() for line in text.splitlines() if any(word in line for word in wanted)]


def test_a_file_for_the_reference_keeps_working(server: str, tmp_path: Path) -> None:
    (tmp_path / "logging.yml").write_text(OWN.format(folder=tmp_path))
    done = run(sys.executable, "lictor", PREFECT_API_URL=server, PREFECT_HOME=str(tmp_path))
    assert of_user(done.stdout) == [
        "INFO|counting|begins",
        "WARNING|other.library|careful",
        "WARNING|adds in counting|adding 1",
    ]
    kept = [json.loads(line) for line in (tmp_path / "lines.jsonl").read_text().splitlines()]
    (line,) = [line for line in kept if line["message"] == "begins"]
    assert (line["levelname"], line["severity"], line["flow_name"]) == ("INFO", "INFO", "counting")
    assert len(line["flow_run_id"]) == 36


@pytest.mark.skipif(REFERENCE is None, reason="needs the reference, see LICTOR_TEST_REFERENCE_PYTHON")
def test_lines_look_as_they_do_with_the_reference(server: str, tmp_path: Path) -> None:
    assert REFERENCE is not None
    shown = {}
    for python, package in ((sys.executable, "lictor"), (REFERENCE, "prefect")):
        home = tmp_path / package
        home.mkdir()
        (home / "logging.yml").write_text(OWN.format(folder=home))
        environment = {
            "PREFECT_API_URL": server,
            "PREFECT_HOME": str(home),
            "PREFECT_LOGGING_LEVEL": "DEBUG",
            "PREFECT_LOGGING_FORMATTERS_OWN_TASK_RUN_FMT": "%(flow_name)s/%(task_name)s: %(message)s",
            "PREFECT_LOGGING_ROOT_LEVEL": "ERROR",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        }
        done = run(python, package, **environment)
        kept = [json.loads(line) for line in (home / "lines.jsonl").read_text().splitlines()]
        said = [
            {name: line[name] for name in ("msg", "args", "levelname", "name", "flow_name", "severity")}
            for line in kept
        ]
        shown[package] = of_user(done.stdout), [line for line in said if of_user(line["msg"])]
    assert shown["lictor"] == shown["prefect"]
    assert len(shown["lictor"][0]) == 3


def test_the_environment_changes_what_is_there() -> None:
    environment = {
        "PREFECT_LOGGING_LOGGERS_PREFECT_FLOW_RUNS_LEVEL": "ERROR",
        "PREFECT_LOGGING_LOGGERS_PREFECT_EXTRA_PROPAGATE": "true",
        "PREFECT_LOGGING_LOGGERS_PREFECT_TASK_RUNS_HANDLERS": "api, console",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "30",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_STYLES_LOG_WEB_URL": "red",
        "PREFECT_LOGGING_FORMATTERS_STANDARD_FLOW_RUN_FMT": "%(message)s",
        "PREFECT_LOGGING_ROOT_LEVEL": "",
    }
    before = defaults(current())
    config = overridden(before, environment)
    assert config["loggers"]["prefect.flow_runs"]["level"] == "ERROR"
    assert config["loggers"]["prefect.extra"]["propagate"] is True
    assert config["loggers"]["prefect.task_runs"]["handlers"] == ["api", "console"]
    assert config["handlers"]["console"]["level"] == 30
    assert config["handlers"]["console"]["styles"]["log.web_url"] == "red"
    assert config["formatters"]["standard"]["flow_run_fmt"] == "%(message)s"
    assert config["root"] == before["root"]
    assert overridden(before, {}) == before == defaults(current())


def test_an_override_counts_without_a_file(api: Api, server: str, home: Path) -> None:
    done = run(
        sys.executable,
        "lictor",
        PREFECT_API_URL=server,
        PREFECT_HOME=str(home),
        PREFECT_LOGGING_FORMATTERS_STANDARD_TASK_RUN_FMT="%(task_name)s says %(message)s",
        PREFECT_LOGGING_LOGGERS_PREFECT_FLOW_RUNS_LEVEL="CRITICAL",
    )
    shown = of_user(done.stderr)
    assert shown[0].endswith("| WARNING | other.library - careful")
    assert shown[1:] == ["adds says adding 1"]


BROKEN = [
    ("version: 1\nroot: {level: $NO_SUCH, handlers: []}", "names NO_SUCH, which is no setting"),
    ("version: 1\nformatters: {a: {format: 100$}}", "write \\$\\$ for a \\$"),
    ("version: [", "cannot be read"),
    ("- list", "use a mapping"),
    ("root: {}", "`version: 1` is missing"),
    ("version: 1\nloggers: {a: {handlers: [gone]}}", "handlers has no 'gone'"),
    (
        "version: 1\nhandlers: {h: {class: no.such.Thing}}\nloggers: {a: {handlers: [h]}}",
        "handlers.h.*No module named 'no'",
    ),
    ("version: 1\nloggers: {a: {level: LOUD}}", "LOUD"),
    ("version: 1\nformatters: {f: {'()': prefect.logging.formatters.Gone}}", "formatters.f"),
]


@pytest.mark.parametrize(("text", "said"), BROKEN)
def test_a_file_that_cannot_be_used_is_named(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "logging.yml"
    file.write_text(text)
    settings = Settings({"PREFECT_LOGGING_SETTINGS_PATH": str(file)})
    with pytest.raises(SettingsError, match=f"(?s){file}.*{said}"):
        configure(settings, {})


def test_a_program_s_own_configuration_stays(server: str, home: Path) -> None:
    program = """
import logging, sys
logging.basicConfig(format="own %(levelname)s %(message)s", stream=sys.stdout)
logging.getLogger("prefect").setLevel(logging.ERROR)
library = logging.getLogger("library")
library.setLevel(logging.INFO)
from lictor import flow, get_run_logger
@flow
def talks():
    get_run_logger().error("the flow")
    get_run_logger().warning("too low")
    library.info("the library")
talks()
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**clean_environment(), "PREFECT_API_URL": server, "PREFECT_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("own ERROR the flow\nown INFO the library\n", "")


def test_what_was_set_up_is_taken_back() -> None:
    root, library = logging.getLogger(), logging.getLogger("a.library")
    with configured(logging_extra_loggers="a.library", logging_level="ERROR"):
        inside = (
            list(root.handlers),
            library.level,
            [type(each) for each in library.handlers if not is_pytest_s(each)],
            FLOW_RUNS.getEffectiveLevel(),
        )
    assert (library.level, library.handlers) == (logging.NOTSET, [])
    assert inside[1:] == (logging.ERROR, [APILogHandler], logging.ERROR)
    assert [type(each) for each in root.handlers].count(PrefectConsoleHandler) == 1
    assert sum(isinstance(each, PrefectConsoleHandler) for each in inside[0]) == 1
    assert FLOW_RUNS.getEffectiveLevel() == logging.INFO


def test_lines_of_other_loggers_go_to_the_run(api: Api) -> None:
    @task
    def inner() -> None:
        logging.getLogger("a.library.part").info("in the task")

    @flow
    def outer() -> None:
        logging.getLogger("a.library").warning("in the flow %s", 1)
        logging.getLogger("another").warning("elsewhere")
        get_run_logger().info("kept here", extra={"send_to_api": False})
        inner()

    with configured(logging_extra_loggers=["a.library"]):
        state = ended(outer)
        (run,) = api.task_runs(state, 1)
        lines = [(line.name, line.message, line.task_run_id) for line in api.logs(state)]
    assert [line for line in lines if "in the" in line[1] or "here" in line[1]] == [
        ("a.library", "in the flow 1", None),
        ("a.library.part", "in the task", run.id),
    ]


def test_nothing_goes_to_the_api_where_that_is_not_wanted(api: Api) -> None:
    @flow
    def quiet() -> None:
        with configured(logging_to_api_enabled=True):
            get_run_logger().info("said")

    with configured(logging_to_api_enabled=False):
        state = ended(quiet)
    assert [line.message for line in api.logs(state, last="said")] == ["said"]


def test_the_settings_bound_what_is_sent(api: Api) -> None:
    @flow
    def talks() -> None:
        get_run_logger().info("x" * 1000)

    with configured(logging_to_api_max_log_size=300):
        state = ended(talks)
        (line,) = [line for line in api.logs(state) if line.message.startswith("x")]
    assert len(line.message) <= 300
    assert "max_log_size is 300" in line.message


def test_prints_to_stderr_become_lines_too(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    @flow
    def prints() -> None:
        print("one", "two", sep="-", file=sys.stderr, end="!\n")
        print("elsewhere", file=sys.__stdout__)

    with configured(logging_log_prints=True):
        lines = [line.message for line in api.logs(ended(prints))]
    assert "one-two!" in lines
    assert "elsewhere" not in lines


def test_loggers_have_the_names_that_users_know() -> None:
    assert get_logger().name == "prefect"
    assert get_logger("mine").name == "prefect.mine"
    assert get_logger("prefect.flow_runs") is FLOW_RUNS
    assert get_logger("lictor.mine").name == "lictor.mine"
    assert {get_logger(name).getEffectiveLevel() for name in ("mine", "lictor.mine", "lictor")} == {logging.INFO}


def test_hooks_have_loggers_of_their_runs(api: Api) -> None:
    def on_flow(flow: Any, run: Any, state: Any) -> None:
        flow_run_logger(run, flow).info("of the flow", extra={"flow_name": "other"})

    def on_task(task: Any, run: Any, state: Any) -> None:
        task_run_logger(run, task).getChild("hook").info("of the task")

    @task(on_completion=[on_task])
    def inner() -> None: ...

    @flow(on_completion=[on_flow])
    def outer() -> None:
        inner()

    with LogEavesdropper("prefect.flow_runs", logging.INFO) as heard:
        state = ended(outer)
    assert "[INFO]: of the flow" in heard.text().splitlines()
    (run,) = api.task_runs(state, 1)
    lines = {line.message: (line.name, line.task_run_id) for line in api.logs(state, last="of the flow")}
    assert lines["of the flow"] == ("prefect.flow_runs", None)
    assert lines["of the task"] == ("prefect.task_runs.hook", run.id)


def test_a_run_s_logger_says_nothing_where_it_is_disabled(capsys: pytest.CaptureFixture[str]) -> None:
    with disable_run_logger():
        get_run_logger().error("nobody hears")
    assert capsys.readouterr().err == ""


def test_a_line_outside_of_runs_is_warned_of_where_it_was_written() -> None:
    with (
        configured(logging_extra_loggers="a.library"),
        pytest.warns(UserWarning, match=r"'a\.library' .* outside of a run") as heard,
    ):
        logging.getLogger("a.library").warning("lost")
    assert [warning.filename for warning in heard] == [__file__]
