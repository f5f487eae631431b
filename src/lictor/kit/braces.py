"""Names in double braces, as templates of jobs and steps have them."""

from __future__ import annotations

import re

PLACEHOLDER = re.compile(r"\{\{\s*([\w.\-\[\]$]+)\s*\}\}")
"""A name in braces: of a variable, of a part of a block, or of the environment with a `$` before it."""
