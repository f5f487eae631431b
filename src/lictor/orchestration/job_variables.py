"""The job variables of work pools, deployments and runs, compared with the template of a pool.

A default in a template may refer to a block document: the values of that are compared, with masks for its secrets.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import Raw

from lictor.kit.json import decode_any
from lictor.orchestration import block_documents
from lictor.orchestration.block_values import REFERENCE
from lictor.orchestration.job_template import wrong_defaults, wrong_variables
from lictor.orchestration.refusal import Absent, Unfit
from lictor.store import work_pool
from lictor.store.keyring import Keyring
from lictor.store.transaction import NotFound, Transaction
from lictor.wire.types.common import JSONObject


def check_defaults(keyring: Keyring, template: dict[str, Any]) -> Transaction[None]:
    """Refuse a template whose defaults do not fit its schema; raise Absent where one refers to a missing block."""
    wrong = wrong_defaults((yield from resolved(keyring, template)))
    if wrong is not None:
        raise Unfit(wrong)


def wrong_for(
    keyring: Keyring | None, pool_name: str | None, *variables: JSONObject | Raw, whole: bool
) -> Transaction[str | None]:
    """Return why variables, the later over the earlier, do not fit the template of a work pool.

    `whole` ones must have all that is required. Raise Absent where a default refers to a missing block; without a
    keyring blocks are not looked for.
    """
    found = None if pool_name is None else (yield from work_pool.find(pool_name))
    template = {} if found is None else decode_any(found[0].base_job_template)
    if not template.get("variables"):
        return None
    given = {name: value for each in variables for name, value in values(each).items()}
    if keyring is not None:
        template = yield from resolved(keyring, template)
    return wrong_variables(template, given, whole=whole)


def values(variables: JSONObject | Raw) -> dict[str, Any]:
    """Return variables as plain values."""
    if isinstance(variables, dict):
        return {name: decode_any(value) for name, value in variables.items()}
    return decode_any(variables) or {}


def resolved(keyring: Keyring, template: dict[str, Any]) -> Transaction[dict[str, Any]]:
    """Return a template with the values of blocks in place of the defaults that refer to them."""
    schema = template.get("variables")
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(schema, dict) or not isinstance(properties, dict):
        return template
    found: dict[str, Any] = {}
    for name, said in properties.items():
        reference = referred(said)
        if reference is not None:
            found[name] = {**said, "default": (yield from values_of(keyring, name, reference))}
    return {**template, "variables": {**schema, "properties": {**properties, **found}}} if found else template


def referred(said: Any) -> Any:
    """Return what stands for the id of a block in the default of a property, None if it refers to none."""
    default = said.get("default") if isinstance(said, dict) else None
    reference = default.get(REFERENCE) if isinstance(default, dict) else None
    return reference.get("block_document_id") if isinstance(reference, dict) else None


def values_of(keyring: Keyring, name: str, reference: Any) -> Transaction[dict[str, Any]]:
    """Return the values of a block that a variable's default refers to."""
    try:
        document = yield from block_documents.read(keyring, UUID(str(reference)), include_secrets=False)
    except (ValueError, NotFound):
        raise Absent(f"The default of the variable {name!r} refers to a block that is not there.") from None
    return document.data
