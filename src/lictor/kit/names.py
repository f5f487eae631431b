"""Random names for runs that were given none."""

from __future__ import annotations

import random

ADJECTIVES = "amber brave calm daring eager fancy gentle happy ivory jolly keen lively merry noble orange proud quiet rapid sunny tidy".split()  # noqa: E501,SIM905
NOUNS = "badger crane dolphin eagle falcon gecko heron ibis jaguar koala lemur magpie newt otter panda quail robin seal tapir wombat".split()  # noqa: E501,SIM905


def random_name() -> str:
    """Return an adjective and a noun, joined by a dash."""
    return f"{random.choice(ADJECTIVES)}-{random.choice(NOUNS)}"  # noqa: S311  # a name, not a secret
