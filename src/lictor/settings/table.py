"""The table of settings: one row each, named by its path in capitals, such as `table.SERVER_API_PORT`."""

from __future__ import annotations

from typing import Any

from lictor.settings import table_client, table_database, table_events, table_server, table_services
from lictor.settings.setting import Setting
from lictor.settings.table_client import *  # noqa: F403 - its rows are this table's
from lictor.settings.table_database import *  # noqa: F403 - see above
from lictor.settings.table_events import *  # noqa: F403 - see above
from lictor.settings.table_server import *  # noqa: F403 - see above
from lictor.settings.table_services import *  # noqa: F403 - see above

SETTINGS: tuple[Setting[Any], ...] = tuple(
    row
    for rows in (table_client, table_server, table_database, table_events, table_services)
    for row in vars(rows).values()
    if isinstance(row, Setting)
)
