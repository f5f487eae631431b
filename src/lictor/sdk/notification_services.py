"""Blocks that notify people through services of others: Slack, Teams, Mattermost, Discord, PagerDuty and so on."""

from __future__ import annotations

from abc import ABC
from typing import Any, ClassVar, Literal

from pydantic import AnyHttpUrl, Field, SecretStr

from lictor.client.web import Outgoing
from lictor.sdk.notification_blocks import ServiceBlock, titled

Region = Literal["us", "eu"]
AS_TEXT = 1_500
"""How many characters Twilio takes at the most, and some to spare."""
SUMMARY = 1_024
"""How long PagerDuty's summary may be."""
MESSAGE = 130
"""How long Opsgenie's message may be."""
CONTENT = 2_000
"""How long Discord's message may be."""
SEVERITIES = {"info": "info", "success": "info", "warning": "warning", "failure": "critical"}


class AddressBlock(ServiceBlock, ABC):
    """A block that notifies people through an address that a service gave for it."""

    url: SecretStr = Field(title="Webhook URL", description="The address that the service gave.")
    allow_private_urls: bool = Field(default=True, description="Whether the address may be one of a private network.")

    def posted(self, content: dict[str, Any]) -> list[Outgoing]:
        """Return a request with some JSON."""
        url = self.url.get_secret_value()
        return [Outgoing("POST", url, {"json": content}, public_only=not self.allow_private_urls)]


class SlackWebhook(AddressBlock):
    """Notifies a channel of Slack.

    Attributes:
        url: The address of the "incoming webhook".
        allow_private_urls: Whether the address may be one of a private network.
    """

    _block_type_name: ClassVar[str | None] = "Slack Webhook"
    _block_type_slug: ClassVar[str | None] = "slack-webhook"
    _description: ClassVar[str | None] = "Notifies a channel of Slack."

    def requests_of(self, body: str, subject: str | None) -> list[Outgoing]:
        """Return a message; also services that speak as Slack does take it."""
        return self.posted({"text": titled(body, subject, "*")})


class MicrosoftTeamsWebhook(AddressBlock):
    """Notifies a channel of Microsoft Teams.

    Attributes:
        url: The address of the channel's workflow "When a Teams webhook request is received".
        allow_private_urls: Whether the address may be one of a private network.
        include_image: Taken for the sake of the reference's blocks: no image is sent.
        wrap: Whether long lines are wrapped.
    """

    _block_type_name: ClassVar[str | None] = "Microsoft Teams Webhook"
    _block_type_slug: ClassVar[str | None] = "ms-teams-webhook"
    _description: ClassVar[str | None] = "Notifies a channel of Microsoft Teams."

    include_image: bool = Field(default=True)
    wrap: bool = Field(default=True, description="Whether long lines are wrapped.")

    def requests_of(self, body: str, subject: str | None) -> list[Outgoing]:
        """Return a card with the subject and the body."""
        blocks = [{"type": "TextBlock", "text": body, "wrap": self.wrap}]
        if subject:
            blocks.insert(0, {"type": "TextBlock", "text": subject, "weight": "Bolder", "wrap": self.wrap})
        card = {"type": "AdaptiveCard", "version": "1.4", "body": blocks}
        attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
        return self.posted({"type": "message", "attachments": [attachment]})


class MattermostWebhook(ServiceBlock):
    """Notifies channels of Mattermost.

    Attributes:
        hostname: The server.
        secure: Whether it is called over https.
        token: The last part of the address of the "incoming webhook".
        botname: Who the messages are from.
        channels: Which channels get them; by default that of the webhook.
        include_image: Taken for the sake of the reference's blocks: no image is sent.
        path: Where Mattermost is on the server.
        port: The server's port.
    """

    _block_type_name: ClassVar[str | None] = "Mattermost Webhook"
    _block_type_slug: ClassVar[str | None] = "mattermost-webhook"
    _description: ClassVar[str | None] = "Notifies a channel of Mattermost."

    hostname: str = Field(description="The server.")
    secure: bool = Field(default=False, description="Whether it is called over https.")
    token: SecretStr = Field(description="The last part of the webhook's address.")
    botname: str | None = Field(default=None, title="Bot name", description="Who the messages are from.")
    channels: list[str] | None = Field(default=None, description="Which channels get them.")
    include_image: bool = Field(default=False)
    path: str | None = Field(default=None, description="Where Mattermost is on the server.")
    port: int = Field(default=8065, description="The server's port.")

    def requests_of(self, body: str, subject: str | None) -> list[Outgoing]:
        """Return a message for each channel."""
        path = f"/{self.path.strip('/')}" if self.path and self.path.strip("/") else ""
        place = f"{'https' if self.secure else 'http'}://{self.hostname}:{self.port}{path}"
        url = f"{place}/hooks/{self.token.get_secret_value()}"
        said = {"text": titled(body, subject), **({"username": self.botname} if self.botname else {})}
        channels: list[str | None] = [*self.channels] if self.channels else [None]
        return [
            Outgoing("POST", url, {"json": said if name is None else {**said, "channel": name.lstrip("#")}})
            for name in channels
        ]


class DiscordWebhook(ServiceBlock):
    """Notifies a channel of Discord.

    Attributes:
        webhook_id: The last but one part of the webhook's address.
        webhook_token: The last part of it.
        botname: Who the messages are from.
        tts: Whether they are read out.
        include_image: Taken for the sake of the reference's blocks: no image is sent.
        avatar: Likewise.
        avatar_url: Where the picture of who they are from is.
    """

    _block_type_name: ClassVar[str | None] = "Discord Webhook"
    _block_type_slug: ClassVar[str | None] = "discord-webhook"
    _description: ClassVar[str | None] = "Notifies a channel of Discord."
    _address: ClassVar[str] = "https://discord.com/api/webhooks"

    webhook_id: SecretStr = Field(description="The last but one part of the webhook's address.")
    webhook_token: SecretStr = Field(description="The last part of the webhook's address.")
    botname: str | None = Field(default=None, title="Bot name", description="Who the messages are from.")
    tts: bool = Field(default=False, description="Whether they are read out.")
    include_image: bool = Field(default=False)
    avatar: bool = Field(default=False)
    avatar_url: str | None = Field(default=None, title="Avatar URL", description="Where a picture for them is.")

    def requests_of(self, body: str, subject: str | None) -> list[Outgoing]:
        """Return a message, or several for a long text."""
        url = f"{self._address}/{self.webhook_id.get_secret_value()}/{self.webhook_token.get_secret_value()}"
        text = titled(body, subject)
        said = {"tts": self.tts, "username": self.botname, "avatar_url": self.avatar_url}
        kept = {name: value for name, value in said.items() if value}
        parts = [text[at : at + CONTENT] for at in range(0, len(text), CONTENT)]
        return [Outgoing("POST", url, {"json": {"content": part, **kept}}) for part in parts]


class PagerDutyWebHook(ServiceBlock):
    """Alerts people through PagerDuty.

    Attributes:
        integration_key: The key of a service's integration "Events API v2".
        api_key: A key of the account.
        source: What the alert is about.
        component: Which part of it.
        group: To which group of parts it belongs.
        class_id: Which class of event it is.
        region_name: Where the account is: `us` or `eu`.
        clickable_url: An address to look at.
        include_image: Taken for the sake of the reference's blocks: no image is sent.
        custom_details: What else is told.
    """

    _block_type_name: ClassVar[str | None] = "Pager Duty Webhook"
    _block_type_slug: ClassVar[str | None] = "pager-duty-webhook"
    _description: ClassVar[str | None] = "Alerts people through PagerDuty."
    _addresses: ClassVar[dict[str, str]] = {
        "us": "https://events.pagerduty.com/v2/enqueue",
        "eu": "https://events.eu.pagerduty.com/v2/enqueue",
    }

    integration_key: SecretStr = Field(description="The key of a service's integration.")
    api_key: SecretStr = Field(title="API Key", description="A key of the account.")
    source: str | None = Field(default="Prefect", description="What the alert is about.")
    component: str = Field(default="Notification", description="Which part of it.")
    group: str | None = Field(default=None, description="To which group of parts it belongs.")
    class_id: str | None = Field(default=None, title="Class ID", description="Which class of event it is.")
    region_name: Region = Field(default="us", description="Where the account is.")
    clickable_url: AnyHttpUrl | None = Field(default=None, title="Clickable URL", description="An address to look at.")
    include_image: bool = Field(default=True)
    custom_details: dict[str, str] | None = Field(default=None, description="What else is told.")

    def requests_of(self, body: str, subject: str | None) -> list[Outgoing]:
        """Return an event that triggers an alert."""
        summary = f"{subject}: {body}" if subject else body
        said = {
            "summary": summary[:SUMMARY],
            "source": self.source or "Prefect",
            "severity": SEVERITIES[self.notify_type],
            "component": self.component,
            "group": self.group,
            "class": self.class_id,
            "custom_details": {**(self.custom_details or {}), **({"body": body} if len(summary) > SUMMARY else {})},
        }
        event = {
            "routing_key": self.integration_key.get_secret_value(),
            "event_action": "trigger",
            "payload": {name: value for name, value in said.items() if value},
            **({"links": [{"href": str(self.clickable_url)}]} if self.clickable_url else {}),
        }
        headers = {"Authorization": f"Token token={self.api_key.get_secret_value()}"}
        return [Outgoing("POST", self._addresses[self.region_name], {"json": event, "headers": headers})]


class OpsgenieWebhook(ServiceBlock):
    """Alerts people through Opsgenie.

    Attributes:
        apikey: The key of an integration.
        target_user: Which users are alerted.
        target_team: Which teams.
        target_schedule: Whose turn it is in which schedules.
        target_escalation: By which escalations.
        region_name: Where the account is: `us` or `eu`.
        batch: Whether one alert is made for all of them, in place of one each.
        tags: The alert's tags.
        priority: From 1, the highest, to 5.
        alias: What tells one alert from another: of one alias there is one that is open.
        entity: What the alert is about.
        details: What else is told.
    """

    _block_type_name: ClassVar[str | None] = "Opsgenie Webhook"
    _block_type_slug: ClassVar[str | None] = "opsgenie-webhook"
    _description: ClassVar[str | None] = "Alerts people through Opsgenie."
    _addresses: ClassVar[dict[str, str]] = {
        "us": "https://api.opsgenie.com/v2/alerts",
        "eu": "https://api.eu.opsgenie.com/v2/alerts",
    }

    apikey: SecretStr = Field(title="API Key", description="The key of an integration.")
    target_user: list[str] | None = Field(default=None, description="Which users are alerted.")
    target_team: list[str] | None = Field(default=None, description="Which teams are alerted.")
    target_schedule: list[str] | None = Field(default=None, description="Whose turn it is in which schedules.")
    target_escalation: list[str] | None = Field(default=None, description="By which escalations.")
    region_name: Region = Field(default="us", description="Where the account is.")
    batch: bool = Field(default=False, description="Whether one alert is made for all of them.")
    tags: list[str] | None = Field(default=None, description="The alert's tags.")
    priority: int | None = Field(default=3, description="From 1, the highest, to 5.")
    alias: str | None = Field(default=None, description="What tells one alert from another.")
    entity: str | None = Field(default=None, description="What the alert is about.")
    details: dict[str, str] | None = Field(default=None, description="What else is told.")

    def requests_of(self, body: str, subject: str | None) -> list[Outgoing]:
        """Return an alert for each who is to be alerted, or one for all of them."""
        said = {
            "message": (subject or body)[:MESSAGE],
            "description": body,
            "alias": self.alias,
            "entity": self.entity,
            "tags": self.tags,
            "details": self.details,
            "priority": self.priority and f"P{self.priority}",
        }
        alert = {name: value for name, value in said.items() if value}
        targets = self.targets()
        groups = [targets] if self.batch or not targets else [[each] for each in targets]
        headers = {"Authorization": f"GenieKey {self.apikey.get_secret_value()}"}
        return [
            Outgoing(
                "POST",
                self._addresses[self.region_name],
                {"json": {**alert, **({"responders": group} if group else {})}, "headers": headers},
            )
            for group in groups
        ]

    def targets(self) -> list[dict[str, str]]:
        """Return who is to be alerted."""
        named = {"team": self.target_team, "schedule": self.target_schedule, "escalation": self.target_escalation}
        users = [{"type": "user", "username": name} for name in self.target_user or []]
        return users + [{"type": kind, "name": name} for kind, names in named.items() for name in names or []]


class TwilioSMS(ServiceBlock):
    """Notifies people by text message through Twilio.

    Attributes:
        account_sid: The account.
        auth_token: Its token.
        from_phone_number: The number that the messages are from.
        to_phone_numbers: The numbers that get them.
    """

    _block_type_name: ClassVar[str | None] = "Twilio SMS"
    _block_type_slug: ClassVar[str | None] = "twilio-sms"
    _description: ClassVar[str | None] = "Notifies people by text message through Twilio."
    _address: ClassVar[str] = "https://api.twilio.com/2010-04-01/Accounts"

    account_sid: str = Field(description="The account.")
    auth_token: SecretStr = Field(description="Its token.")
    from_phone_number: str = Field(description="The number that the messages are from.")
    to_phone_numbers: list[str] = Field(description="The numbers that get them.")

    def requests_of(self, body: str, subject: str | None) -> list[Outgoing]:
        """Return a message for each number."""
        text = f"{subject}\n{body}" if subject else body
        options = {"auth": (self.account_sid, self.auth_token.get_secret_value())}
        return [
            Outgoing(
                "POST",
                f"{self._address}/{self.account_sid}/Messages.json",
                {"data": {"From": self.from_phone_number, "To": number, "Body": text[:AS_TEXT]}, **options},
            )
            for number in self.to_phone_numbers
        ]


class SendgridEmail(ServiceBlock):
    """Notifies people by mail through SendGrid.

    Attributes:
        api_key: A key that may send mail.
        sender_email: The address that the mail is from.
        to_emails: The addresses that get it, each for itself.
    """

    _block_type_name: ClassVar[str | None] = "Sendgrid Email"
    _block_type_slug: ClassVar[str | None] = "sendgrid-email"
    _description: ClassVar[str | None] = "Notifies people by mail through SendGrid."
    _address: ClassVar[str] = "https://api.sendgrid.com/v3/mail/send"

    api_key: SecretStr = Field(title="API Key", description="A key that may send mail.")
    sender_email: str = Field(title="Sender email id", description="The address that the mail is from.")
    to_emails: list[str] = Field(title="Recipient emails", description="The addresses that get it.")

    def requests_of(self, body: str, subject: str | None) -> list[Outgoing]:
        """Return one mail for all, who do not see one another."""
        mail = {
            "personalizations": [{"to": [{"email": address}]} for address in self.to_emails],
            "from": {"email": self.sender_email},
            "subject": subject or "Notification",
            "content": [{"type": "text/plain", "value": body}],
        }
        headers = {"Authorization": f"Bearer {self.api_key.get_secret_value()}"}
        return [Outgoing("POST", self._address, {"json": mail, "headers": headers})]
