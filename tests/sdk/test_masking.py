"""Secrets that a run was given stand nowhere in its lines and states."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pydantic
import pytest

from lictor import flow, get_run_logger, task
from lictor.kit import masking
from lictor.kit.masking import MASK, masked
from lictor.kit.secret import Secret
from lictor.logging import mask_secret
from lictor.sdk.console import ToConsole
from lictor.sdk.log_formatters import JsonFormatter
from lictor.sdk.logging import set_up
from lictor.settings import Setting, table, temporary_settings
from tests.sdk.conftest import Api, ended


@pytest.fixture(autouse=True)
def nothing_hidden() -> Iterator[None]:
    masking.forget()
    yield
    masking.forget()


KEY = pydantic.SecretBytes(b"by-te")


class Login(pydantic.BaseModel):
    user: str
    password: pydantic.SecretStr


@dataclass
class Place:
    logins: list[Login]


@task
def leaks(text: str) -> None:
    get_run_logger().info("got %s", text)
    raise ValueError(f"bad: {text}")


def test_a_secret_parameter_stands_in_no_line_and_no_state(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    @flow(log_prints=True)
    def trusting(token: pydantic.SecretStr, places: list[Place], key: pydantic.SecretBytes = KEY) -> None:
        print("token", token.get_secret_value(), "key", key.get_secret_value())
        leaks(places[0].logins[0].password.get_secret_value())

    login = Login(user="ann", password="pass-word")  # type: ignore[arg-type]
    state = ended(trusting, "to-ken", [Place([login])])
    (run,) = api.task_runs(state, 1)
    lines = "\n".join(line.message for line in api.logs(state))
    shown = capsys.readouterr().err
    for text in (lines, shown):
        assert f"token {MASK} key b'{MASK}'" in text
        assert f"got {MASK}" in text
        assert f"ValueError: bad: {MASK}" in text
    assert run.state is not None
    assert run.state.message == f"Task run raised ValueError: bad: {MASK}"
    recorded = api.flow_run(state).state
    assert recorded is not None
    assert recorded.message == f"Flow run raised ValueError: bad: {MASK}"
    for secret in ("to-ken", "pass-word", "by-te"):
        assert secret not in lines + shown


def test_what_a_program_reads_of_a_secret_of_ours_is_masked() -> None:
    secret = Secret("hush-hush")
    assert masked("hush-hush") == "hush-hush"
    assert secret.get_secret_value() == "hush-hush"
    assert masked("say hush-hush!") == f"say {MASK}!"


@pytest.mark.parametrize(
    ("secret", "text", "shown"),
    [
        ("abc", "abc", "abc"),
        ("abcd", "xabcdx", f"x{MASK}x"),
        ('a"b\n', '{"k": "a\\"b\\n"}', f'{{"k": "{MASK}"}}'),
        ("it's\\x", repr("it's\\x"), f'"{MASK}"'),
        ("p@ss/word", "https://u:p%40ss%2Fword@host", f"https://u:{MASK}@host"),
        ("-----BEGIN\nMIIEvQ\n-----END", "only MIIEvQ here", f"only {MASK} here"),
    ],
)
def test_a_secret_is_masked_as_it_is_written(secret: str, text: str, shown: str) -> None:
    mask_secret(secret)
    assert masked(text) == shown


def test_the_longer_one_of_two_secrets_is_masked_whole() -> None:
    mask_secret("secret")
    mask_secret("secret-and-more")
    assert masked("secret-and-more, secret") == f"{MASK}, {MASK}"


def test_credentials_of_the_settings_are_masked() -> None:
    changed: dict[Setting[Any] | str, Any] = {
        table.API_AUTH_STRING: "admin:pass",
        table.SERVER_API_AUTH_STRING: "root:a-long-password",
        table.API_KEY: "key-1234",
        table.CLIENT_CUSTOM_HEADERS: {"X-Key": "header-5678", "X-Flag": "pass"},
    }
    with temporary_settings(changed):
        set_up()
        said = masked("admin:pass pass a-long-password key-1234 header-5678 passed")
    assert said == f"{MASK} pass {MASK} {MASK} {MASK} passed"
    set_up()


def test_every_handler_and_formatter_masks() -> None:
    mask_secret("hush-hush")
    record = logging.LogRecord("x", logging.INFO, "", 0, "hush-%s", ("hush",), None)
    stream = io.StringIO()
    handler = ToConsole(stream)
    handler.setFormatter(logging.Formatter("%(message)s"))
    handler.handle(record)
    assert stream.getvalue() == f"{MASK}\n"
    assert "hush-hush" not in JsonFormatter("pretty").format(record)
