"""Blocks, as flows and tasks use them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pydantic
import pytest
from pydantic import SecretStr

from lictor import flow, get_client, task
from lictor.blocks.core import Block, BlockNotSavedError, InvalidBlockRegistration, UnknownBlockType
from lictor.blocks.fields import SecretDict
from lictor.blocks.system import Secret
from lictor.exceptions import ObjectNotFound
from lictor.filesystems import LocalFileSystem, WritableFileSystem
from lictor.kit import masking
from lictor.kit.masking import MASK, masked
from tests.sdk.conftest import Api


@pytest.fixture(autouse=True)
def nothing_hidden() -> Iterator[None]:
    masking.forget()
    yield
    masking.forget()


class Login(pydantic.BaseModel):
    user: str = "somebody"
    password: SecretStr = SecretStr("login-password")


class Inner(Block):
    """The inside of another.

    More of it.

    Attributes:
        key: What opens it.

    Example:
        Inner(key="x")
    """

    key: SecretStr
    place: str = "here"


class Other(Block):
    place: str = "there"


class Outer(Block):
    _block_type_name = "Outer Block"
    _logo_url = "http://logo.example/x.png"
    _block_schema_capabilities: ClassVar[list[str] | None] = ["hold"]

    inner: Inner | Other
    headers: SecretDict = SecretDict({})
    logins: list[Login] = pydantic.Field(default_factory=list)
    number: int = 1
    schema_: str = pydantic.Field(default="s", alias="schema")


def test_a_class_says_how_it_is_registered() -> None:
    fields = Outer.model_json_schema()
    assert fields["block_type_slug"] == "outer-block"
    assert fields["secret_fields"] == ["inner.key", "headers.*", "logins.password"]
    assert [each["block_type_slug"] for each in fields["block_schema_references"]["inner"]] == ["inner", "other"]
    assert set(fields["definitions"]) == {"Inner", "Other", "Login"}
    assert fields["properties"]["schema"]["position"] == 4
    assert Inner.get_description() == "The inside of another.\n\nMore of it."
    assert Inner.get_code_example() == 'Inner(key="x")'
    assert "Other.load(" in (Other.get_code_example() or "")
    assert Outer.get_block_capabilities() == {"hold"}
    assert LocalFileSystem.get_block_capabilities() == {"read-path", "write-path", "get-directory", "put-directory"}
    assert Block.get_block_class_from_key("outer-block") is Outer
    with pytest.raises(UnknownBlockType, match="no class for the block type 'none'"):
        Block.get_block_class_from_key("none")


def test_a_block_is_saved_loaded_and_removed(api: Api) -> None:
    given: dict[str, Any] = {"undeclared": 1}
    made = Outer(
        inner=Inner(key=SecretStr("inner-key")),
        headers=SecretDict({"token": "head-token"}),
        logins=[Login()],
        schema="public",
        **given,
    )
    assert "inner-key" not in f"{made!r} {made}"
    with pytest.raises(BlockNotSavedError):
        made.get_block_placeholder()
    document_id = made.save("one")
    assert isinstance(document_id, UUID)
    assert made.get_block_placeholder() == "prefect.blocks.outer-block.one"
    found = Outer.load("one")
    assert isinstance(found.inner, Inner)
    assert found.inner.key.get_secret_value() == "inner-key"
    assert found.headers.get_secret_value() == {"token": "head-token"}
    assert found.logins[0].password.get_secret_value() == "login-password"
    assert (found.schema_, found.number, found._block_document_id) == ("public", 1, document_id)
    for ref in (document_id, str(document_id), {"block_document_id": document_id}):
        assert Outer.load_from_ref(ref).schema_ == "public"
    assert Block.load_from_ref({"block_document_slug": "outer-block/one"}).schema_ == "public"
    with pytest.raises(ValueError, match="overwrite=True"):
        Outer(inner=Other()).save("one")
    changed = Outer(inner=Other(place="new"))
    assert changed.save("one", overwrite=True) == document_id
    assert isinstance(Block.load("outer-block/one").inner, Other)
    Outer.delete("one")
    with pytest.raises(ValueError, match="no block 'one' of the type 'outer-block'"):
        Outer.load("one")
    with pytest.raises(ValueError, match="<slug of the type>/<name>"):
        Block.load("one")
    with pytest.raises(ValueError, match="no reference"):
        Block.load_from_ref("one")


def test_a_saved_block_within_another_is_referred_to(api: Api) -> None:
    inner = Inner(key=SecretStr("shared-key"))
    inner.save("shared")
    Outer(inner=inner).save("referring")
    Inner(key=SecretStr("newer-key")).save("shared", overwrite=True)
    found = Outer.load("referring")
    assert isinstance(found.inner, Inner)
    assert found.inner.key.get_secret_value() == "newer-key"
    assert (found.inner._block_document_name, found.inner._block_document_id) == ("shared", inner._block_document_id)
    found.number = 5
    assert found.save(overwrite=True) == found._block_document_id
    assert Outer.load("referring").inner._block_document_name == "shared"


def test_async_code_awaits_the_same_names(api: Api) -> None:
    @flow
    async def using() -> list[Any]:
        await Secret(value="async-secret").save("async", overwrite=True)
        first = (await Secret.load("async")).get()
        second = (await Secret.aload("async")).get()
        async with get_client() as client:
            third = (await Secret.load("async", client=client)).get()
        await Secret.adelete("async")
        return [first, second, third]

    assert asyncio.run(using()) == ["async-secret"] * 3


def test_a_secret_holds_what_json_can_hold(api: Api) -> None:
    for value in ("plain text", {"user": "u", "deep": ["x"]}, [1, 2], 12, True):
        Secret(value=value).save("any", overwrite=True)
        assert Secret.load("any").get() == value
    Secret(value='{"a": 1}').save("any", overwrite=True)
    assert Secret.load("any").get() == {"a": 1}
    assert Secret[str](value="x").get_block_type_slug() == "secret"


def test_what_was_loaded_is_masked_in_log_lines(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    Secret(value={"token": "a-long-token"}).save("masked", overwrite=True)
    masking.forget()

    @task
    def tells() -> None:
        logging.getLogger("lictor.flow_runs").info("token: %s", Secret.load("masked").get()["token"])

    @flow
    def using() -> None:
        tells()

    using()
    assert masked("it is a-long-token!") == f"it is {MASK}!"


def test_values_that_do_not_fit_any_more_are_mended(api: Api) -> None:
    Other(place="x").save("old", overwrite=True)

    class Grown(Block):
        _block_type_slug = "other"
        place: str
        further: int

    with pytest.raises(RuntimeError, match="does not fit Grown: further; load it with validate=False"):
        Grown.load("old")
    with pytest.warns(UserWarning, match="set further"):
        mended = Grown.load("old", validate=False)
    mended.further = 3
    mended.save(overwrite=True)
    assert Grown.load("old").further == 3


def test_only_blocks_of_their_own_are_registered(api: Api) -> None:
    for kind in (Block, WritableFileSystem):
        with pytest.raises(InvalidBlockRegistration):
            kind.register_type_and_schema()
    Other.register_type_and_schema()
    with get_client(sync_client=True) as client:
        known = client.read_block_type_by_slug("other")
        assert known.id == Other._block_type_id
        schema = client.get_most_recent_block_schema_for_block_type(known.id)
        assert schema is not None
        assert client.read_block_schema_by_checksum(schema.checksum).id == schema.id
        assert len(client.read_block_types()) > 50
        assert any(each.slug == "s3-bucket" for each in client.read_block_types())
        with pytest.raises(ObjectNotFound):
            client.read_block_type_by_slug("none-such")


def test_the_clients_methods_show_secrets_when_told(api: Api) -> None:
    Secret(value="client-secret").save("client", overwrite=True)
    with get_client(sync_client=True) as client:
        one = client.read_block_document_by_name("client", "secret")
        assert one.data["value"] == "client-secret"
        assert client.read_block_document(one.id, include_secrets=False).data["value"] == "********"
        assert client.read_block_documents("secret", include_secrets=False)
        assert "client" in [each.name for each in client.read_block_documents_by_type("secret", limit=100)]
        client.delete_block_document(one.id)
        with pytest.raises(ObjectNotFound):
            client.read_block_document(one.id)


def test_a_file_system_keeps_files_below_its_folder(api: Api, tmp_path: Path) -> None:
    block = LocalFileSystem(basepath=str(tmp_path / "files"))
    assert block.write_path("a/b.txt", b"hello") == str(tmp_path / "files" / "a" / "b.txt")
    assert block.read_path("a/b.txt") == b"hello"
    with pytest.raises(ValueError, match="is not below"):
        block.read_path("../outside")

    async def there() -> bytes:
        await block.write_path("c", b"async")
        content: bytes = await block.read_path("c")
        return content

    assert asyncio.run(there()) == b"async"
    block.get_directory("a", str(tmp_path / "copy"))
    assert (tmp_path / "copy" / "b.txt").read_bytes() == b"hello"
    block.put_directory(str(tmp_path / "copy"), "back")
    assert block.read_path("back/b.txt") == b"hello"
    block.save("local", overwrite=True)
    assert LocalFileSystem.load("local").read_path("c") == b"async"
