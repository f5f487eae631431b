"""Log lines of runs reach the API with the run that they belong to."""

from __future__ import annotations

import logging

import pytest

from lictor import flow, get_run_logger, task
from lictor.engine.errors import MissingContext
from lictor.sdk.log_handlers import NOTE_BYTES, ToAPI, cut
from lictor.settings import table, temporary_settings
from tests.sdk.conftest import Api, ended


def test_lines_belong_to_the_run_that_wrote_them(api: Api) -> None:
    @task
    def talks() -> None:
        get_run_logger().warning("in %s", "the task", extra={"own": 1})

    @flow(flow_run_name="talker")
    def talker() -> None:
        get_run_logger().info("in the flow")
        get_run_logger().debug("too low")
        talks()

    state = ended(talker)
    (run,) = api.task_runs(state, 1)
    lines = api.logs(state)
    assert [(line.name, line.level, line.message, line.task_run_id) for line in lines] == [
        ("prefect.flow_runs", 20, "Beginning flow run 'talker' of flow 'talker'", None),
        ("prefect.flow_runs", 20, "in the flow", None),
        ("prefect.task_runs", 30, "in the task", run.id),
        ("prefect.task_runs", 20, "Finished in state Completed()", run.id),
        ("prefect.flow_runs", 20, "Finished in state Completed()", None),
    ]


def test_prints_become_lines_where_they_are_wanted(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    @task
    def inherits() -> None:
        print("of", "the task", sep=" ")

    @task(log_prints=False)
    def silent() -> None:
        print("to the console")

    @flow(log_prints=True)
    def prints() -> None:
        print("of the flow")
        inherits()
        silent()

    lines = [line.message for line in api.logs(ended(prints))]
    assert [line for line in lines if "of the" in line or "console" in line] == ["of the flow", "of the task"]
    assert capsys.readouterr().out == "to the console\n"


def test_an_error_is_logged_with_the_user_s_part_of_its_traceback(api: Api) -> None:
    @flow
    def fails() -> None:
        raise LookupError("lost")

    (line,) = [line for line in api.logs(ended(fails)) if line.message.startswith("Flow run raised")]
    assert line.level == logging.ERROR
    assert 'raise LookupError("lost")' in line.message
    assert "lictor/engine" not in line.message


def test_a_long_line_is_cut_and_not_dropped(api: Api) -> None:
    @flow
    def long() -> None:
        get_run_logger().info("ü" * 700_000)

    (line,) = [line for line in api.logs(ended(long)) if line.message.startswith("ü")]
    kept, note = line.message.split(" … ")
    assert set(kept) == {"ü"}
    assert (
        note
        == f"({1_400_000 - 2 * len(kept):,} bytes of this line are cut off: logging.to_api.max_log_size is 1,000,000)"
    )
    assert 1_000_000 - NOTE_BYTES <= len(line.message.encode()) <= 1_000_000


@pytest.mark.parametrize(
    ("message", "most", "kept"), [("short", 200, 5), ("x" * 200, 200, 200), ("x" * 201, 200, 200 - NOTE_BYTES)]
)
def test_a_line_is_as_long_as_it_may_be(message: str, most: int, kept: int) -> None:
    shown = cut(message, most)
    assert shown.startswith(message[:kept])
    assert len(shown.partition(" … ")[0]) == kept
    assert len(shown.encode()) <= most


@pytest.mark.parametrize("setting", ["warn", "error", "ignore"])
def test_a_line_of_no_run_is_treated_as_the_settings_say(setting: str, recwarn: pytest.WarningsRecorder) -> None:
    with temporary_settings({table.LOGGING_TO_API_WHEN_MISSING_FLOW: setting}):
        handler = ToAPI()
    record = logging.LogRecord("prefect.flow_runs", logging.INFO, "", 0, "lost", None, None)
    if setting == "error":
        with pytest.raises(MissingContext, match="outside of a run"):
            handler.emit(record)
    else:
        handler.emit(record)
    assert len(recwarn) == (setting == "warn")


def test_a_run_logger_belongs_in_a_run() -> None:
    with pytest.raises(MissingContext, match="in a flow or a task"):
        get_run_logger()
