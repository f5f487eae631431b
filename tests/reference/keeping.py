"""Saves blocks under a word, or loads those that another SDK saved: `keeping.py SDK save|load WORD`. Prints what it has."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import Any

from pydantic import BaseModel, Field, SecretStr

sdk, action, word = sys.argv[1:4]
Block: Any = import_module(f"{sdk}.blocks.core").Block
Secret: Any = import_module(f"{sdk}.blocks.system").Secret
SecretDict: Any = import_module(f"{sdk}.blocks.fields").SecretDict
files: Any = import_module(f"{sdk}.filesystems")
LocalFileSystem, RemoteFileSystem, SMB = files.LocalFileSystem, files.RemoteFileSystem, files.SMB
Webhook: Any = import_module(f"{sdk}.blocks.webhook").Webhook
notifications: Any = import_module(f"{sdk}.blocks.notifications")


class Login(BaseModel):
    """Who signs in."""

    user: str
    password: SecretStr


class KeptInner(Block):  # type: ignore[misc]
    """What is inside.

    Attributes:
        key: What opens it.
    """

    key: SecretStr
    number: int = 3


class KeptOuter(Block):  # type: ignore[misc]
    """What is outside."""

    _block_type_name = "Kept Outer"

    inner: KeptInner
    login: Login
    headers: SecretDict = Field(default_factory=lambda: SecretDict({}))
    choice: int | str | None = None


if action == "save":
    inner = KeptInner(key=SecretStr(f"key of {word}"))
    inner.save(f"inner-{word}", overwrite=True)
    outer = KeptOuter(
        inner=inner,
        login=Login(user="u", password=SecretStr(f"password of {word}")),
        headers=SecretDict({"token": f"token of {word}"}),
        choice="text",
    )
    outer.save(f"outer-{word}", overwrite=True)
    Secret(value={"deep": [word]}).save(f"secret-{word}", overwrite=True)
    LocalFileSystem(basepath=f"/{word}").save(f"files-{word}", overwrite=True)
    Webhook(url=f"https://example.com/{word}", headers={"token": f"hook of {word}"}).save(
        f"hook-{word}", overwrite=True
    )
    RemoteFileSystem(basepath=f"memory://{word}", settings={"use_listings_cache": True}).save(
        f"far-{word}", overwrite=True
    )
    SMB(share_path=f"/{word}", smb_host="h", smb_password=f"share of {word}").save(f"share-{word}", overwrite=True)
    notifications.SlackWebhook(url=f"https://hooks.slack.com/services/T1/B2/{word}").save(
        f"slack-{word}", overwrite=True
    )
    notifications.PagerDutyWebHook(
        integration_key=f"key-of-{word}", api_key="k", clickable_url="https://example.com/x", region_name="eu"
    ).save(f"pager-{word}", overwrite=True)
    notifications.CustomWebhookNotificationBlock(
        name="n", url="https://example.com/{{token}}", json_data={"a": "{{body}}"}, secrets={"token": word}
    ).save(f"custom-{word}", overwrite=True)
hook, far, share = Webhook.load(f"hook-{word}"), RemoteFileSystem.load(f"far-{word}"), SMB.load(f"share-{word}")
slack, pager = notifications.SlackWebhook.load(f"slack-{word}"), notifications.PagerDutyWebHook.load(f"pager-{word}")
custom = notifications.CustomWebhookNotificationBlock.load(f"custom-{word}")
built_in = {
    "hook": [hook.url.get_secret_value(), hook.headers.get_secret_value(), hook.method, hook.verify],
    "far": [far.basepath, far.settings],
    "share": [share.basepath, share.smb_password.get_secret_value(), share.smb_port],
    "slack": [slack.url.get_secret_value(), slack.notify_type, slack.allow_private_urls],
    "pager": [pager.integration_key.get_secret_value(), str(pager.clickable_url), pager.region_name],
    "custom": [custom.url, custom.json_data, custom.secrets.get_secret_value()],
}
found = KeptOuter.load(f"outer-{word}")
print(
    json.dumps(
        {
            "key": found.inner.key.get_secret_value(),
            "number": found.inner.number,
            "inner": found.inner._block_document_name,
            "login": [found.login.user, found.login.password.get_secret_value()],
            "headers": found.headers.get_secret_value(),
            "choice": found.choice,
            "secret": Secret.load(f"secret-{word}").get(),
            "files": Block.load(f"local-file-system/files-{word}").basepath,
            "placeholder": found.get_block_placeholder(),
            "built_in": built_in,
        }
    )
)
