"""`lictor block`: configuration with secrets, by type and name. Secrets are never printed."""

from __future__ import annotations

import json
from types import ModuleType
from uuid import UUID

import click

from lictor.cli.asking import UUIDText, ask, ask_all
from lictor.cli.confirming import confirm, yes_option
from lictor.cli.entrypoint import load_code
from lictor.cli.json_values import kind_of, object_of
from lictor.cli.listing import aside, output, print_json, report
from lictor.cli.run_table import ago, details_table, list_table, show
from lictor.wire.filters import BlockSchemaFilter, BlockSchemaFilterBlockTypeId
from lictor.wire.operations import block_document as documents
from lictor.wire.operations import block_schema as schemas
from lictor.wire.operations import block_type as types
from lictor.wire.types.block_document import BlockDocument, BlockDocumentCreate, BlockDocumentSort
from lictor.wire.types.block_schema import BlockSchema
from lictor.wire.types.block_type import BlockType

SHOWN = 60
"""So much of a value stands in a table."""

one_block = click.argument("slug", required=False, metavar="[TYPE/NAME]")
by_id = click.option("--id", "block_id", type=UUIDText("block"), help="The block's id, in place of its type and name.")


@click.group()
def block() -> None:
    """Look at blocks, and register and delete them.

    A block is configuration with a name: credentials, a folder, the address of a service. The server keeps its values
    encrypted.
    """


@block.command()
@click.option("--module", "-m", "module_name", metavar="NAME", help="The module that declares the blocks.")
@click.option("--file", "-f", "file_path", metavar="PATH", help="The Python file that declares the blocks.")
@output
def register(module_name: str | None, file_path: str | None, output: str) -> None:
    """Make the block types of a module or a file known to the server; known ones are updated.

    Example: lictor block register -f my_blocks.py
    """
    if bool(module_name) == bool(file_path):
        raise click.ClickException("Say which blocks: give a module with -m or a file with -f.")
    with aside(output):
        names = registered(load_code(file_path, module_name))
    if not names:
        raise click.ClickException(f"{file_path or module_name} declares no block: a class that stands on Block.")
    report(output, {"registered": names}, *(f"Block type '{name}' is registered." for name in names))


def registered(module: ModuleType) -> list[str]:
    """Register the block types that a module has; return their slugs."""
    from lictor.sdk.block import Block, InvalidBlockRegistration, carried  # noqa: PLC0415 - it loads pydantic
    from lictor.sdk.block import registered as registering  # noqa: PLC0415 - see above

    names = []
    for kind in vars(module).values():
        if Block.is_block_class(kind):
            try:
                carried(None, registering(kind))
            except InvalidBlockRegistration:
                continue
            names.append(kind.get_block_type_slug())
    return names


@block.command()
@output
def ls(output: str) -> None:
    """List the blocks, by type and name.

    Example: lictor block ls
    """
    by_type = BlockDocumentSort.BLOCK_TYPE_AND_NAME_ASC
    found = ask_all(lambda offset: documents.FILTER(documents.ReadBlockDocuments(sort=by_type, offset=offset)))
    if output == "json":
        print_json(found)
    elif found:
        show(list_table(("Slug", "Type", "Updated", "ID"), [row(each) for each in found], ("ID",)))
    else:
        click.echo("There are no blocks yet: see `lictor block create --help`.")


def row(document: BlockDocument) -> list[str]:
    """Return a block as a row."""
    slug = document.block_type.slug if document.block_type else ""
    return [f"{slug}/{document.name}", document.block_type_name or "", ago(document.updated), str(document.id)]


@block.command()
@click.argument("type_slug", metavar="TYPE")
@click.option("--name", help="The block's name: lowercase letters, digits and dashes.")
@click.option("--data", metavar="JSON", help="Its values as a JSON object; - reads them from standard input.")
@output
def create(type_slug: str, name: str | None, data: str | None, output: str) -> None:
    """Make a block of the type with the slug TYPE, or tell which values one needs.

    Standard input keeps secrets out of the shell's history.

    Example: lictor block create secret

    Example: lictor block create secret --name token --data - < token.json
    """
    owner = ask(types.READ_BY_SLUG(slug=type_slug), no_type(type_slug))
    schema = newest(owner)
    if name is None or data is None:
        if output == "json":
            print_json({"block_type": owner, "fields": schema.fields})
            return
        show(list_table(("Field", "Type", "Needed", "Secret"), fields_of(schema)))
        click.echo(f"Make one: lictor block create {type_slug} --name NAME --data '{{\"FIELD\": …}}'")
        return
    made = ask(
        documents.CREATE(
            BlockDocumentCreate(
                name=name, data=object_of(data, "--data"), block_schema_id=schema.id, block_type_id=owner.id
            )
        )
    )
    report(output, made, f"Block '{type_slug}/{made.name}' is created.")


def newest(owner: BlockType) -> BlockSchema:
    """Return the newest schema of a type."""
    wanted = BlockSchemaFilter(block_type_id=BlockSchemaFilterBlockTypeId(any_=[owner.id]))
    found = ask(schemas.FILTER(schemas.ReadBlockSchemas(block_schemas=wanted, limit=1)))
    if not found:
        raise click.ClickException(f"The block type '{owner.slug}' has no schema: register it again.")
    return found[0]


def fields_of(schema: BlockSchema) -> list[list[str]]:
    """Return the fields of a schema as rows."""
    secret = {path.split(".")[0] for path in schema.fields.get("secret_fields", [])}
    needed = schema.fields.get("required", [])
    return [
        [name, kind_of(said), "yes" if name in needed else "", "yes" if name in secret else ""]
        for name, said in schema.fields.get("properties", {}).items()
    ]


@block.command()
@one_block
@by_id
@output
def inspect(slug: str | None, block_id: UUID | None, output: str) -> None:
    """Show a block; its secrets are masked.

    Example: lictor block inspect secret/token
    """
    found = find(slug, block_id)
    if output == "json":
        print_json(found)
        return
    values = {"id": found.id, "type": found.block_type_name}
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in found.data.items()}
    show(details_table(f"Block '{row(found)[0]}'", values))
    show(list_table(("Field", "Value"), [*texts.items()]))


def cut(text: str) -> str:
    """Return a text that fits into a table."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def find(slug: str | None, block_id: UUID | None) -> BlockDocument:
    """Return the block that a command is about."""
    if block_id is not None:
        return ask(documents.READ(id=block_id), f"There is no block with the id {block_id}")
    kind, slash, name = (slug or "").partition("/")
    if not slash:
        raise click.ClickException("Say which block: TYPE/NAME, such as secret/token, or --id ID.")
    call = types.READ_DOCUMENT_BY_NAME(slug=kind, block_document_name=name)
    return ask(call, f"There is no block '{slug}'")


@block.command()
@one_block
@by_id
@yes_option
@output
def delete(slug: str | None, block_id: UUID | None, yes: bool, output: str) -> None:
    """Delete a block; others that refer to it lose the reference.

    Example: lictor block delete secret/token
    """
    found = find(slug, block_id)
    name = row(found)[0]
    confirm(f"Delete the block '{name}'?", yes)
    ask(documents.DELETE(id=found.id), f"There is no block '{name}'")
    report(output, {"deleted": [{"id": found.id, "block": name}]}, f"Block '{name}' is deleted.")


@block.group("type")
def block_type() -> None:
    """Look at block types, and delete them."""


@block_type.command("ls")
@output
def list_types(output: str) -> None:
    """List the block types, by name.

    Example: lictor block type ls
    """
    found = ask_all(lambda offset: types.FILTER(types.ReadBlockTypes(offset=offset)))
    if output == "json":
        print_json(found)
    else:
        rows = [[each.slug, each.name, first_line(each.description)] for each in found]
        show(list_table(("Slug", "Name", "Description"), rows))


def first_line(text: str | None) -> str:
    """Return the first line of a text."""
    return cut(text.strip().partition("\n")[0]) if text else ""


@block_type.command("inspect")
@click.argument("slug")
@output
def inspect_type(slug: str, output: str) -> None:
    """Show a block type and the fields of its blocks.

    Example: lictor block type inspect secret
    """
    found = ask(types.READ_BY_SLUG(slug=slug), no_type(slug))
    schema = newest(found)
    if output == "json":
        print_json({"block_type": found, "fields": schema.fields})
        return
    values = {"id": found.id, "name": found.name, "description": found.description}
    show(details_table(f"Block type '{found.slug}'", values))
    show(list_table(("Field", "Type", "Needed", "Secret"), fields_of(schema)))


@block_type.command("delete")
@click.argument("slug")
@yes_option
@output
def delete_type(slug: str, yes: bool, output: str) -> None:
    """Delete a block type with all its blocks; the server's own cannot be deleted.

    Example: lictor block type delete my-block
    """
    found = ask(types.READ_BY_SLUG(slug=slug), no_type(slug))
    confirm(f"Delete the block type '{slug}' and all its blocks?", yes)
    ask(types.DELETE(id=found.id), no_type(slug))
    report(output, {"deleted": [{"id": found.id, "slug": slug}]}, f"Block type '{slug}' is deleted.")


def no_type(slug: str) -> str:
    """Say that there is no such block type."""
    return f"There is no block type '{slug}' (see `lictor block type ls`)"
