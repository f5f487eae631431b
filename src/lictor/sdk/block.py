"""Blocks: configuration with secrets, declared as a class, kept by the server under a name."""

from __future__ import annotations

import inspect
import sys
import warnings
from abc import ABC
from collections.abc import Callable
from importlib import import_module
from textwrap import dedent
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationError, model_validator
from pydantic.json_schema import GenerateJsonSchema

from lictor.client.errors import ObjectAlreadyExists, ObjectNotFound
from lictor.sdk.api.block_document import (
    create_block_document,
    delete_block_document,
    read_block_document,
    update_block_document,
)
from lictor.sdk.api.block_schema import create_block_schema, read_block_schema_by_checksum
from lictor.sdk.api.block_type import (
    create_block_type,
    read_block_document_by_name,
    read_block_type_by_slug,
    update_block_type,
)
from lictor.sdk.api.body import without_secrets
from lictor.sdk.api.method import Steps, carry, carry_async
from lictor.sdk.block_schema import (
    TEMPLATE,
    arranged,
    blocks_in,
    complete,
    description_of,
    example_of,
    is_block,
    slug_of,
)
from lictor.sdk.parameters import hide_secrets
from lictor.sdk.steps import awaited, played
from lictor.wire.block_fields import Fields, checksum
from lictor.wire.types.block_document import BlockDocument, BlockDocumentCreate, BlockDocumentUpdate
from lictor.wire.types.block_schema import NON_VERSIONED, BlockSchema, BlockSchemaCreate
from lictor.wire.types.block_type import BlockType, BlockTypeCreate, BlockTypeUpdate

SLUG = "block_type_slug"
CLASSES: dict[str, type[Block]] = {}
"""The classes of blocks that this process knows, by slug; a later one takes an earlier one's place."""

NOTIFICATIONS = "lictor.blocks.notifications"
BUILT_IN = {
    "secret": "lictor.blocks.system",
    "webhook": "lictor.blocks.webhook",
    **dict.fromkeys(("local-file-system", "remote-file-system", "smb"), "lictor.filesystems"),
    **dict.fromkeys(("custom-webhook", "discord-webhook", "mattermost-webhook", "ms-teams-webhook"), NOTIFICATIONS),
    **dict.fromkeys(("opsgenie-webhook", "pager-duty-webhook", "sendgrid-email"), NOTIFICATIONS),
    **dict.fromkeys(("slack-webhook", "twilio-sms"), NOTIFICATIONS),
}
"""Where the classes are that come with the package; they are imported when one is asked for."""


class BlockNotSavedError(RuntimeError):
    """Something needs the name or the id of a block that is not saved."""


class InvalidBlockRegistration(Exception):
    """A class that is no block of its own is registered: Block, or an abstract interface."""


class UnknownBlockType(Exception):
    """This process knows no class of a slug."""


class Block(BaseModel, ABC):
    """The base of blocks: fields are declared as in any pydantic model.

    `_block_type_name` (by default the class's name), `_block_type_slug`, `_logo_url`, `_documentation_url`,
    `_description`, `_code_example`, `_block_schema_capabilities` and `_block_schema_version` say how the class is
    registered. Fields of type SecretStr, SecretBytes, SecretDict or Secret[…] are masked wherever they are shown.

    Methods are awaited in async flows and tasks; those that begin with `a` always are.
    """

    model_config = ConfigDict(extra="allow", json_schema_extra=complete)

    _block_type_name: ClassVar[str | None] = None
    _block_type_slug: ClassVar[str | None] = None
    _logo_url: ClassVar[Any] = None
    _documentation_url: ClassVar[Any] = None
    _description: ClassVar[str | None] = None
    _code_example: ClassVar[str | None] = None
    _block_type_id: ClassVar[UUID | None] = None
    _block_schema_id: ClassVar[UUID | None] = None
    _block_schema_capabilities: ClassVar[list[str] | None] = None
    _block_schema_version: ClassVar[str | None] = None

    _block_document_id: UUID | None = PrivateAttr(None)
    _block_document_name: str | None = PrivateAttr(None)
    _is_anonymous: bool | None = PrivateAttr(None)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if not cls.__pydantic_generic_metadata__["origin"]:
            CLASSES[cls.get_block_type_slug()] = cls

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.block_initialization()

    def __str__(self) -> str:
        return repr(self)

    def block_initialization(self) -> None:
        """Do what is to be done once a block has its values; override it in place of `__init__`."""

    @model_validator(mode="wrap")
    @classmethod
    def _of_its_class(cls, values: Any, handler: Callable[[Any], Self]) -> Self:
        """Make a block of the class that its values name, where that is this one or one that stands on it."""
        if not (isinstance(values, dict) and SLUG in values):
            return handler(values)
        said = values[SLUG]
        values = {name: value for name, value in values.items() if name != SLUG}
        named = CLASSES.get(said)
        if said == cls.get_block_type_slug() or not said:
            return handler(values)
        if named is not None and issubclass(named, cls):
            return named.model_validate(values)
        raise ValueError(f"these are the values of a block '{said}', not of '{cls.get_block_type_slug()}'")

    @classmethod
    def get_block_type_name(cls) -> str:
        """Return the name of the block type."""
        return cls._block_type_name or (cls.__pydantic_generic_metadata__["origin"] or cls).__name__

    @classmethod
    def get_block_type_slug(cls) -> str:
        """Return the slug of the block type: its name in lowercase letters, digits and dashes."""
        return slug_of(cls._block_type_slug or cls.get_block_type_name())

    @classmethod
    def get_block_capabilities(cls) -> frozenset[str]:
        """Return what blocks of this class can do, as the classes that it stands on say."""
        said = [getattr(kind, "_block_schema_capabilities", None) or [] for kind in cls.__mro__]
        return frozenset(capability for each in said for capability in each)

    @classmethod
    def get_block_schema_version(cls) -> str:
        """Return the version of the schema: that of the class's package, if it has one."""
        package = sys.modules.get(cls.__module__.partition(".")[0])
        version = str(getattr(package, "__version__", "")).partition("+")[0]
        return cls._block_schema_version or version or NON_VERSIONED

    @classmethod
    def get_description(cls) -> str | None:
        """Return the description of the block type: by default the text of the docstring."""
        return cls._description or (description_of(cls.__doc__) if "__doc__" in vars(cls) else None)

    @classmethod
    def get_code_example(cls) -> str | None:
        """Return the example of the block type: by default that of the docstring, or how to load one."""
        if cls._code_example is not None:
            return dedent(cls._code_example)
        name = f"{cls.get_block_type_slug().replace('-', '_')}_block"
        usual = f'from {cls.__module__} import {cls.__name__}\n\n{name} = {cls.__name__}.load("BLOCK_NAME")'
        return (example_of(cls.__doc__) if "__doc__" in vars(cls) else None) or usual

    @classmethod
    def is_block_class(cls, block: Any) -> bool:
        """Tell whether something is a class of blocks."""
        return is_block(block)

    @classmethod
    def get_block_class_from_key(cls, key: str) -> type[Self]:
        """Return the class with a slug; raise UnknownBlockType if there is none. One of your own must be imported."""
        if key not in CLASSES and key in BUILT_IN:
            import_module(BUILT_IN[key])
        found = CLASSES.get(key)
        if found is None or not issubclass(found, cls):
            raise UnknownBlockType(f"there is no class for the block type '{key}': import the module that declares it")
        return found

    @classmethod
    def get_block_class_from_schema(cls, schema: BlockSchema) -> type[Self]:
        """Return the class of a schema's block type; raise UnknownBlockType if this process knows none."""
        return cls.get_block_class_from_key(schema.block_type.slug if schema.block_type else "")

    @classmethod
    def model_json_schema(
        cls,
        by_alias: bool | None = True,
        ref_template: str = TEMPLATE,
        schema_generator: type[GenerateJsonSchema] = GenerateJsonSchema,
        mode: Any = "validation",
        **others: Any,
    ) -> Fields:
        """Return the JSON schema as the server keeps it, with what it says of secrets and other blocks."""
        made = super().model_json_schema(by_alias is not False, ref_template, schema_generator, mode, **others)
        return arranged(made, cls, by_alias is not False)

    def get_block_placeholder(self) -> str:
        """Return the text that stands for this block in templates; raise BlockNotSavedError if it is not saved."""
        if not self._block_document_name:
            raise BlockNotSavedError("the block is not saved: there is no name to put into a template")
        return f"prefect.blocks.{self.get_block_type_slug()}.{self._block_document_name}"

    @classmethod
    def register_type_and_schema(cls, client: Any = None) -> Any:
        """Make this block type, and those that it names, known to the server; a changed one is updated."""
        return carried(client, registered(cls))

    @classmethod
    async def aregister_type_and_schema(cls, client: Any = None) -> None:
        """Make this block type known to the server; as `register_type_and_schema`."""
        await carried_there(client, registered(cls))

    def save(self, name: str | None = None, overwrite: bool = False, client: Any = None) -> Any:
        """Keep the block on the server, and return the id of its document.

        Args:
            name: Lowercase letters, digits and dashes; by default the name that it was loaded or saved with.
            overwrite: Whether a block of this name is changed; by default ValueError is raised if there is one.
            client: The client to use; by default that of the settings.
        """
        return carried(client, saved(self, name, overwrite=overwrite))

    async def asave(self, name: str | None = None, overwrite: bool = False, client: Any = None) -> UUID:
        """Keep the block on the server, and return the id of its document; as `save`."""
        document_id: UUID = await carried_there(client, saved(self, name, overwrite=overwrite))
        return document_id

    @classmethod
    def load(cls, name: str, validate: bool = True, client: Any = None) -> Any:
        """Return a saved block; log lines show a mask for its secrets from then on.

        Args:
            name: Its name; of `Block` itself `<slug of the type>/<name>`.
            validate: If False, fields that are missing are None, with a warning, in place of an error.
            client: The client to use; by default that of the settings.

        Raises:
            ValueError: There is none of this name.
            RuntimeError: Its values do not fit the class.
        """
        return carried(client, loaded(cls, named(cls, name), validate))

    @classmethod
    async def aload(cls, name: str, validate: bool = True, client: Any = None) -> Self:
        """Return a saved block; as `load`."""
        found: Self = await carried_there(client, loaded(cls, named(cls, name), validate))
        return found

    @classmethod
    def load_from_ref(cls, ref: str | UUID | dict[str, Any], validate: bool = True, client: Any = None) -> Any:
        """Return a saved block by an id, or by `{"block_document_id": …}` or `{"block_document_slug": …}`."""
        return carried(client, loaded(cls, referred(cls, ref), validate))

    @classmethod
    async def aload_from_ref(cls, ref: str | UUID | dict[str, Any], validate: bool = True, client: Any = None) -> Self:
        """Return a saved block; as `load_from_ref`."""
        found: Self = await carried_there(client, loaded(cls, referred(cls, ref), validate))
        return found

    @classmethod
    def delete(cls, name: str, client: Any = None) -> Any:
        """Remove a saved block by its name; raise ValueError if there is none."""
        return carried(client, removed(cls, name))

    @classmethod
    async def adelete(cls, name: str, client: Any = None) -> None:
        """Remove a saved block; as `delete`."""
        await carried_there(client, removed(cls, name))


def carried(client: Any, steps: Steps[Any]) -> Any:
    """Carry calls with a client that was given, or with that of the settings."""
    if client is None:
        return played(steps)
    return carry_async(client, steps) if inspect.iscoroutinefunction(type(client).__call__) else carry(client, steps)


async def carried_there(client: Any, steps: Steps[Any]) -> Any:
    """Carry calls for code that awaits."""
    found = awaited(steps) if client is None else carried(client, steps)
    return await found if inspect.isawaitable(found) else found


def registered(kind: type[Block]) -> Steps[None]:
    """Register the type and the schema of a block, those that it names first."""
    if kind is Block or ABC in kind.__bases__:
        raise InvalidBlockRegistration(f"{kind.__name__} is no block type of its own: register a class that is")
    for field in kind.model_fields.values():
        for inner in blocks_in(field.annotation):
            if inner is not Block and ABC not in inner.__bases__:
                yield from registered(inner)
    said = {
        "logo_url": text_of(kind._logo_url),
        "documentation_url": text_of(kind._documentation_url),
        "description": kind.get_description(),
        "code_example": kind.get_code_example(),
    }
    try:
        known: BlockType = yield read_block_type_by_slug(kind.get_block_type_slug())
    except ObjectNotFound:
        new = BlockTypeCreate(name=kind.get_block_type_name(), slug=kind.get_block_type_slug(), **said)
        known = yield create_block_type(new)
    else:
        if not known.is_protected:  # the server's own are told of better by the server
            yield update_block_type(known.id, BlockTypeUpdate(**said))
    kind._block_type_id = known.id
    kind._block_schema_id = yield from registered_schema(kind, known.id)


def registered_schema(kind: type[Block], type_id: UUID) -> Steps[UUID]:
    """Register the schema of a block, and return its id."""
    fields, version = kind.model_json_schema(), kind.get_block_schema_version()
    found: BlockSchema
    try:
        found = yield read_block_schema_by_checksum(checksum(fields), version)
    except ObjectNotFound:
        capabilities = sorted(kind.get_block_capabilities())
        new = BlockSchemaCreate(fields=fields, block_type_id=type_id, capabilities=capabilities, version=version)
        found = yield create_block_schema(new)
    return found.id


def text_of(address: Any) -> str | None:
    """Return an address as text."""
    return None if address is None else str(address)


def saved(block: Block, name: str | None, overwrite: bool = False) -> Steps[UUID]:
    """Make a block's document, or change it."""
    name = name or block._block_document_name
    if name is None:
        raise ValueError("name: say under which name the block is to be saved")
    kind = type(block)
    yield from registered(kind)
    assert kind._block_schema_id is not None
    assert kind._block_type_id is not None
    values, document_id = values_of(block), block._block_document_id
    try:
        new = BlockDocumentCreate(
            name=name, data=values, block_schema_id=kind._block_schema_id, block_type_id=kind._block_type_id
        )
        made: BlockDocument = yield create_block_document(new)
        document_id = made.id
    except ObjectAlreadyExists:
        if not overwrite:
            raise ValueError(
                f"a block '{name}' of the type '{kind.get_block_type_slug()}' exists already: "
                "pass overwrite=True to change it"
            ) from None
        if document_id is None or block._block_document_name != name:
            found: BlockDocument = yield read_block_document_by_name(name, kind.get_block_type_slug(), False)
            document_id = found.id
        yield update_block_document(
            document_id, BlockDocumentUpdate(data=values, block_schema_id=kind._block_schema_id)
        )
    block._block_document_name, block._block_document_id, block._is_anonymous = name, document_id, False
    return document_id


def values_of(block: Block) -> dict[str, Any]:
    """Return a block's values as the server keeps them: secrets in clear, saved blocks as references."""
    hide_secrets(block)
    written = block.model_dump(mode="json", by_alias=True, include=set(type(block).model_fields))
    values = {}
    for name, field in type(block).model_fields.items():
        key, value = field.serialization_alias or field.alias or name, getattr(block, name)
        values[key] = plain(value) if holds_more(value) else written.get(key)
    return values


def holds_more(value: Any) -> bool:
    """Tell whether a value has secrets or blocks in it, which JSON alone would not show."""
    if isinstance(value, dict):
        return any(map(holds_more, value.values()))
    if isinstance(value, list | tuple | set | frozenset):
        return any(map(holds_more, value))
    if isinstance(value, BaseModel):
        return isinstance(value, Block) or any(holds_more(getattr(value, name)) for name in type(value).model_fields)
    return hasattr(value, "get_secret_value")


def plain(value: Any) -> Any:
    """Return a value with its secrets in clear and its blocks as references, or their values if they are not saved."""
    if isinstance(value, Block):
        if value._block_document_id is not None:
            return {"$ref": {"block_document_id": str(value._block_document_id)}}
        return {**values_of(value), SLUG: value.get_block_type_slug()}
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    return without_secrets(value, include=True)


def named(kind: type[Block], name: str) -> Steps[BlockDocument]:
    """Find a document by name; raise ValueError if there is none."""
    slug = kind.get_block_type_slug()
    if kind is Block:
        slug, slash, name = name.partition("/")
        if not slash:
            raise ValueError(f"'{slug}' is no name of a block: it has the form <slug of the type>/<name>")
    try:
        found: BlockDocument = yield read_block_document_by_name(name, slug)
    except ObjectNotFound:
        raise ValueError(f"there is no block '{name}' of the type '{slug}' on this server") from None
    return found


def referred(kind: type[Block], ref: str | UUID | dict[str, Any]) -> Steps[BlockDocument]:
    """Find a document by a reference; raise ValueError if there is none."""
    said = ref.get("block_document_id") if isinstance(ref, dict) else ref
    if said is None and isinstance(ref, dict) and ref.get("block_document_slug"):
        return (yield from named(kind, ref["block_document_slug"]))
    try:
        document_id = UUID(str(said))
    except ValueError:
        raise ValueError(f"{ref!r} is no reference to a block: it is an id, or has a block_document_id") from None
    try:
        found: BlockDocument = yield read_block_document(document_id)
    except ObjectNotFound:
        raise ValueError(f"there is no block with the id {document_id} on this server") from None
    return found


def loaded(kind: type[Block], finding: Steps[BlockDocument], validate: bool) -> Steps[Block]:
    """Make a block of what the server keeps."""
    document = yield from finding
    assert document.block_schema is not None
    if kind is Block:
        kind = Block.get_block_class_from_schema(document.block_schema)
    values = with_slugs(document.data, document.block_document_references)
    try:
        block = kind.model_validate(values)
    except ValidationError as error:
        block = in_spite_of(kind, document, error, validate)
    kind._block_schema_id, kind._block_type_id = document.block_schema_id, document.block_type_id
    block._block_document_id, block._block_document_name = document.id, document.name
    block._is_anonymous = document.is_anonymous
    mark_nested(block, document.block_document_references)
    hide_secrets(block)
    return block


def in_spite_of(kind: type[Block], document: BlockDocument, error: ValidationError, validate: bool) -> Block:
    """Make a block of values that do not fit, if that is wanted."""
    places = [str(each["loc"][0]) for each in error.errors() if each["loc"]]
    if validate:
        reason = f"the block '{document.name}' does not fit {kind.__name__}: {', '.join(places)}"
        raise RuntimeError(f"{reason}; load it with validate=False to mend it") from None
    warnings.warn(
        f"the block '{document.name}' does not fit {kind.__name__}: set {', '.join(places)} and save it again",
        stacklevel=2,
    )
    return kind.model_construct(**{**dict.fromkeys(places), **document.data})


def with_slugs(values: dict[str, Any], references: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return values in which those of another document say which type they are of."""
    found = dict(values)
    for name, reference in references.items():
        said = reference["block_document"]
        if isinstance(found.get(name), dict):
            inner = with_slugs(found[name], said.get("block_document_references") or {})
            found[name] = {**inner, SLUG: (said.get("block_type") or {}).get("slug")}
    return found


def mark_nested(block: Block, references: dict[str, dict[str, Any]]) -> None:
    """Tell blocks within a block which documents they are."""
    for name, reference in references.items():
        inner, said = getattr(block, name, None), reference["block_document"]
        if isinstance(inner, Block):
            inner._block_document_id, inner._block_document_name = UUID(str(said["id"])), said["name"]
            inner._is_anonymous = said["is_anonymous"]
            mark_nested(inner, said.get("block_document_references") or {})


def removed(kind: type[Block], name: str) -> Steps[None]:
    """Remove a document."""
    found = yield from named(kind, name)
    yield delete_block_document(found.id)
