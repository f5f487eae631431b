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
LocalFileSystem: Any = import_module(f"{sdk}.filesystems").LocalFileSystem


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
        }
    )
)
