"""Blocks that call web services and notify people, against services that listen here."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from pydantic import SecretStr

from lictor import flow
from lictor.blocks.core import Block
from lictor.blocks.fields import SecretDict
from lictor.blocks.notifications import (
    CustomWebhookNotificationBlock,
    DiscordWebhook,
    MattermostWebhook,
    MicrosoftTeamsWebhook,
    NotificationBlock,
    NotificationError,
    OpsgenieWebhook,
    PagerDutyWebHook,
    SendgridEmail,
    SlackWebhook,
    TwilioSMS,
)
from lictor.blocks.webhook import Webhook
from lictor.filesystems import SMB, RemoteFileSystem
from lictor.kit import masking
from tests.client.listening import Heard, listening
from tests.sdk.conftest import Api

HIDDEN = SecretStr("a-long-secret")
CLASSES: list[type[Block]] = [
    *(CustomWebhookNotificationBlock, DiscordWebhook, MattermostWebhook, MicrosoftTeamsWebhook, OpsgenieWebhook),
    *(PagerDutyWebHook, SendgridEmail, SlackWebhook, TwilioSMS, Webhook, SMB, RemoteFileSystem),
]


@pytest.fixture(autouse=True)
def nothing_hidden() -> Iterator[None]:
    masking.forget()
    yield
    masking.forget()


def bare(value: Any) -> Any:
    """Return a schema without its words."""
    if isinstance(value, dict):
        return {name: bare(each) for name, each in value.items() if name != "description" or isinstance(each, dict)}
    return [bare(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("kind", CLASSES)
def test_a_class_has_the_fields_that_the_server_knows(server: str, kind: type[Block]) -> None:
    http = httpx.Client(base_url=server, timeout=60)
    slug = kind.get_block_type_slug()
    known = http.get(f"/block_types/slug/{slug}").json()
    sought = {"block_schemas": {"block_type_id": {"any_": [known["id"]]}}}
    found = http.post("/block_schemas/filter", json=sought).json()
    assert known["name"] == kind.get_block_type_name()
    assert bare(found[-1]["fields"]) == bare(kind.model_json_schema())
    assert sorted(found[-1]["capabilities"]) == sorted(kind.get_block_capabilities())


async def test_a_webhook_is_called(api: Api) -> None:
    with listening() as (port, heard):
        made = Webhook(
            url=SecretStr(f"http://127.0.0.1:{port}/a-long-path"),
            headers=SecretDict({"X-Token": "a-long-token"}),
        )
        await made.asave("called", overwrite=True)
        loaded = await Block.aload("webhook/called")
        assert isinstance(loaded, Webhook)
        assert (await loaded.call({"a": 1})).text == "ok"
        await loaded.call("as it is")
        await Webhook(method="GET", url=made.url).call()
    assert [(one.method, one.path, one.body) for one in heard] == [
        ("POST", "/a-long-path", b'{"a":1}'),
        ("POST", "/a-long-path", b"as it is"),
        ("GET", "/a-long-path", b""),
    ]
    assert heard[0].headers["X-Token"] == "a-long-token"
    assert "a-long" not in f"{made!r}{made}"


async def test_a_webhook_calls_no_private_address_unless_it_may() -> None:
    with listening() as (port, heard):
        block = Webhook(url=SecretStr(f"http://localhost:{port}/"), allow_private_urls=False)
        with pytest.raises(ValueError, match="private"):
            await block.call()
        slack = SlackWebhook(url=block.url, allow_private_urls=False)
        custom = CustomWebhookNotificationBlock(
            name="n",
            url="http://{{host}}/",
            secrets=SecretDict({"host": f"localhost:{port}"}),
            allow_private_urls=False,
        )
        for each in (slack, custom):
            with each.raise_on_failure(), pytest.raises(NotificationError, match="private"):
                await each.anotify("x")
        assert heard == []


def services(port: int) -> dict[str, NotificationBlock]:
    """Return a block for each service, all of which are here."""
    here, url = f"http://127.0.0.1:{port}", SecretStr(f"http://127.0.0.1:{port}/hook")
    for kind in (DiscordWebhook, TwilioSMS, SendgridEmail):
        setattr(kind, "_address", f"{here}/{kind.__name__}")  # noqa: B010
    for other in (PagerDutyWebHook, OpsgenieWebhook):
        setattr(other, "_addresses", {"us": f"{here}/us", "eu": f"{here}/eu"})  # noqa: B010
    return {
        "slack": SlackWebhook(url=url),
        "teams": MicrosoftTeamsWebhook(url=url, wrap=False),
        "mattermost": MattermostWebhook(
            hostname="127.0.0.1", port=port, token=HIDDEN, channels=["#one", "two"], botname="bot", path="/chat/"
        ),
        "discord": DiscordWebhook(webhook_id=SecretStr("id"), webhook_token=HIDDEN, botname="bot", tts=True),
        "pagerduty": PagerDutyWebHook(
            integration_key=HIDDEN,
            api_key=SecretStr("a-long-key"),
            notify_type="failure",
            region_name="eu",
            group="g",
            clickable_url="https://example.com/x",  # type: ignore[arg-type]
            custom_details={"a": "b"},
        ),
        "opsgenie": OpsgenieWebhook(apikey=HIDDEN, target_user=["u"], target_team=["t"], tags=["x"], alias="a"),
        "opsgenie at once": OpsgenieWebhook(apikey=HIDDEN, target_user=["u"], target_schedule=["s"], batch=True),
        "opsgenie to nobody": OpsgenieWebhook(apikey=HIDDEN, priority=1),
        "twilio": TwilioSMS(
            account_sid="sid", auth_token=HIDDEN, from_phone_number="+1", to_phone_numbers=["+2", "+3"]
        ),
        "sendgrid": SendgridEmail(api_key=HIDDEN, sender_email="a@example.com", to_emails=["b@example.com"]),
        "custom": CustomWebhookNotificationBlock(
            name="mine",
            url=f"{here}/{{{{name}}}}",
            params={"q": "{{subject}}"},
            json_data={"text": "{{subject}}: {{ body }}", "deep": [{"token": "{{token}}"}], "number": "{{number}}"},
            headers={"X-Token": "Bearer {{token}}"},
            cookies={"c": "{{name}}"},
            secrets=SecretDict({"token": "a-long-secret", "number": 3}),
        ),
        "custom form": CustomWebhookNotificationBlock(
            name="mine", url=f"{here}/form", method="PUT", form_data={"b": "{{body}}", "s": "{{subject}}"}
        ),
        "custom text": CustomWebhookNotificationBlock(name="mine", url=f"{here}/text", form_data="<{{body}}>"),
    }


CARD = {
    "type": "AdaptiveCard",
    "version": "1.4",
    "body": [
        {"type": "TextBlock", "text": "About", "weight": "Bolder", "wrap": False},
        {"type": "TextBlock", "text": "Text", "wrap": False},
    ],
}
ALERT = {"message": "About", "description": "Text", "priority": "P3"}
CHAT = {"text": "**About**\nText", "username": "bot"}

# service -> what it hears: where, and what
SAID: dict[str, list[tuple[str, Any]]] = {
    "slack": [("/hook", {"text": "*About*\nText"})],
    "teams": [
        (
            "/hook",
            {
                "type": "message",
                "attachments": [
                    {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": CARD}
                ],
            },
        )
    ],
    "mattermost": [("/chat/hooks/a-long-secret", {**CHAT, "channel": name}) for name in ("one", "two")],
    "discord": [
        ("/DiscordWebhook/id/a-long-secret", {"content": "**About**\nText", "tts": True, "username": "bot"}),
    ],
    "pagerduty": [
        (
            "/eu",
            {
                "routing_key": "a-long-secret",
                "event_action": "trigger",
                "payload": {
                    "summary": "About: Text",
                    "source": "Prefect",
                    "severity": "critical",
                    "component": "Notification",
                    "group": "g",
                    "custom_details": {"a": "b"},
                },
                "links": [{"href": "https://example.com/x"}],
            },
        )
    ],
    "opsgenie": [
        ("/us", {**ALERT, "alias": "a", "tags": ["x"], "responders": [{"type": "user", "username": "u"}]}),
        ("/us", {**ALERT, "alias": "a", "tags": ["x"], "responders": [{"type": "team", "name": "t"}]}),
    ],
    "opsgenie at once": [
        ("/us", {**ALERT, "responders": [{"type": "user", "username": "u"}, {"type": "schedule", "name": "s"}]}),
    ],
    "opsgenie to nobody": [("/us", {**ALERT, "priority": "P1"})],
    "twilio": [
        ("/TwilioSMS/sid/Messages.json", {"From": ["+1"], "To": [number], "Body": ["About\nText"]})
        for number in ("+2", "+3")
    ],
    "sendgrid": [
        (
            "/SendgridEmail",
            {
                "personalizations": [{"to": [{"email": "b@example.com"}]}],
                "from": {"email": "a@example.com"},
                "subject": "About",
                "content": [{"type": "text/plain", "value": "Text"}],
            },
        )
    ],
    "custom": [("/mine?q=About", {"text": "About: Text", "deep": [{"token": "a-long-secret"}], "number": 3})],
    "custom form": [("/form", {"b": ["Text"], "s": ["About"]})],
    "custom text": [("/text", "<Text>")],
}
HEADERS = {
    "pagerduty": ("Authorization", "Token token=a-long-key"),
    "opsgenie": ("Authorization", "GenieKey a-long-secret"),
    "twilio": ("Authorization", httpx.BasicAuth("sid", "a-long-secret")._auth_header),
    "sendgrid": ("Authorization", "Bearer a-long-secret"),
    "custom": ("X-Token", "Bearer a-long-secret"),
}


def content(one: Heard) -> Any:
    """Return what was sent, read as it says it is to be read."""
    kind = one.headers.get("Content-Type", "")
    if kind == "application/json":
        return json.loads(one.body)
    return parse_qs(one.body.decode()) if "form" in kind else one.body.decode()


@pytest.mark.parametrize("name", SAID)
async def test_a_service_is_told(name: str) -> None:
    with listening() as (port, heard):
        block = services(port)[name]
        with block.raise_on_failure():
            await block.anotify("Text", "About")
            await block.notify("Text", "About")
        assert [(one.path, content(one)) for one in heard] == SAID[name] * 2
        header = HEADERS.get(name)
        assert header is None or heard[0].headers[header[0]] == header[1]
        shown = f"{block!r}{block}"
        assert "a-long" not in shown.replace("a-long-key", "") if "custom" in name else "a-long" not in shown


def test_a_flow_notifies_without_awaiting(api: Api) -> None:
    with listening() as (port, heard):

        @flow
        def told() -> None:
            SlackWebhook(url=SecretStr(f"http://127.0.0.1:{port}/")).notify("Text")

        told()
        assert [content(one) for one in heard] == [{"text": "Text"}]


def test_long_texts_are_cut_to_what_services_take() -> None:
    with listening() as (port, heard):
        blocks = services(port)
        for name in ("discord", "pagerduty", "opsgenie to nobody"):
            blocks[name].notify("x" * 4_500)
    said = [content(one) for one in heard]
    assert [len(each["content"]) for each in said[:3]] == [2_000, 2_000, 500]
    assert len(said[3]["payload"]["summary"]) == 1_024
    assert said[3]["payload"]["custom_details"]["body"] == "x" * 4_500
    assert (len(said[4]["message"]), len(said[4]["description"])) == (130, 4_500)


async def test_what_is_not_taken_is_told_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    def refused(one: Heard) -> tuple[int, dict[str, str]]:
        return 403, {}

    with listening(refused) as (port, _):
        block = SlackWebhook(url=SecretStr(f"http://127.0.0.1:{port}/a-long-path"))
        with caplog.at_level(logging.WARNING):
            await block.anotify("Text")
            await block.notify("Text")
        with block.raise_on_failure(), pytest.raises(NotificationError, match="answered 403") as raised:
            await block.anotify("Text")
        assert "403" in raised.value.log
    gone = SlackWebhook(url=SecretStr(f"http://127.0.0.1:{port}/a-long-path"))
    with gone.raise_on_failure(), pytest.raises(NotificationError):
        await gone.anotify("Text")
    wrong = SlackWebhook(url=SecretStr("a-long-path"))
    with wrong.raise_on_failure(), pytest.raises(NotificationError, match="http://"):
        await wrong.anotify("Text")
    assert [record.getMessage().count("answered 403") for record in caplog.records] == [1, 1]
    assert "a-long" not in caplog.text


def test_what_cannot_be_sent_is_refused() -> None:
    with pytest.raises(ValueError, match="both"):
        CustomWebhookNotificationBlock(name="n", url="http://x", json_data={}, form_data={})
    for fields in ({"url": "http://{{host}}"}, {"url": "http://x", "json_data": {"a": [{"{{k}}": 1}]}}):
        with pytest.raises(KeyError, match="secrets"):
            CustomWebhookNotificationBlock(name="n", **fields)
