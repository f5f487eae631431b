"""Catch-up policies of schedules as users say them, and how the server is told of them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from lictor.client.errors import HTTPStatusError
from lictor.sdk.api.deployment import update_deployment_catch_up
from lictor.sdk.api.method import Steps
from lictor.sdk.schedules import Schedule, policy_of
from lictor.wire.types.catch_up import CatchUpPolicy

logger = logging.getLogger("lictor.deployments")

NOT_FOUND, NOT_ALLOWED = 404, 405


def policies_of(schedules: Iterable[Any]) -> dict[str, CatchUpPolicy]:
    """Return the catch-up policies that schedules say, by the schedules' slugs.

    Schedules may be of `lictor.schedules`, or dictionaries with `catch_up` and `slug`; others say none. Raises
    ValueError for what is no policy, and for one without a slug.
    """
    found: dict[str, CatchUpPolicy] = {}
    for each in schedules:
        if isinstance(each, dict):
            slug, policy = each.get("slug"), policy_of(each.get("catch_up"), each.get("slug"))
        elif isinstance(each, Schedule):
            slug, policy = each.slug, policy_of(each.catch_up, each.slug)
        else:
            continue
        if slug and policy is not None:
            found[slug] = policy
    return found


def give_policies(deployment_id: UUID, policies: Mapping[str, CatchUpPolicy]) -> Steps[None]:
    """Give schedules of a deployment, by their slugs, catch-up policies; warn where the server has none.

    It is for a deployment that is known to be there. Schedules that are not named keep what they have.
    """
    if not policies:
        return
    try:
        yield update_deployment_catch_up(deployment_id, policies)
    except HTTPStatusError as error:
        if error.status not in {NOT_FOUND, NOT_ALLOWED}:
            raise
        logger.warning(
            "The server is not Lictor's, or older, and has no catch-up policies: what %s misses is not made up for.",
            ", ".join(repr(slug) for slug in policies),
        )
