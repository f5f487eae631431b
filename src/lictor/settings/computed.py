"""Settings that depend on others: paths in the home folder, the database, secrets in files, addresses of pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from lictor.kit.secret import Secret
from lictor.settings import table
from lictor.settings.errors import SettingsError
from lictor.settings.reading import HOME, path
from lictor.settings.secret_file import read_secret
from lictor.settings.setting import Setting

if TYPE_CHECKING:
    from lictor.settings.load import Settings

T = TypeVar("T")

POSTGRES_PORT = 5432


def complete(setting: Setting[T], given: T | None, values: Settings) -> T:
    """Return a setting's value from what was given for it, else what follows from others, else its default."""
    value: Any = given
    if setting in LEVELS and (values[table.DEBUG_MODE] or values[table.TESTING_TEST_MODE]):
        value = "DEBUG"
    elif value is None:
        value = FOLLOWS[setting](values) if setting in FOLLOWS else setting.default
    if setting.kind is path:
        value = located(setting, value, values)
    answer: T = value
    return answer


def located(setting: Setting[Any], value: str, values: Settings) -> str:
    """Return a path with the user's folder and Lictor's own filled in."""
    if setting is not table.HOME and value.startswith(HOME):
        return values[table.HOME] + value.removeprefix(HOME)
    return path.read(value)


def database(values: Settings) -> Secret:
    """Return the address of the database from its parts, else of SQLite's file in the home folder."""
    driver, name = values[table.SERVER_DATABASE_DRIVER], values[table.SERVER_DATABASE_NAME]
    if driver == "postgresql+asyncpg":
        return Secret(postgres(driver, values))
    return Secret(f"sqlite+aiosqlite:///{(driver and name) or values[table.HOME] + '/lictor.db'}")


def postgres(driver: str, values: Settings) -> str:
    """Return the address of a PostgreSQL database from its parts."""
    from urllib.parse import quote  # noqa: PLC0415 - loaded when needed

    user, name = values[table.SERVER_DATABASE_USER], values[table.SERVER_DATABASE_NAME]
    host, password = values[table.SERVER_DATABASE_HOST], values[table.SERVER_DATABASE_PASSWORD]
    for setting in (table.SERVER_DATABASE_HOST, table.SERVER_DATABASE_USER, table.SERVER_DATABASE_NAME):
        if values[setting] is None:
            raise SettingsError(f"{setting.name} is not set: use it with {table.SERVER_DATABASE_DRIVER.name}={driver}.")
    signed = quote(str(user), safe="") + (f":{quote(password.reveal(), safe='')}" if password else "")
    return f"{driver}://{signed}@{host}:{values[table.SERVER_DATABASE_PORT] or POSTGRES_PORT}/{name}"


def client_auth_string(values: Settings) -> Secret | None:
    """Return the credentials of clients from their file."""
    return in_file(table.API_AUTH_STRING_FILE, values, "credentials")


def database_password(values: Settings) -> Secret | None:
    """Return the password of the database's user from its file."""
    return in_file(table.SERVER_DATABASE_PASSWORD_FILE, values, "password")


def in_file(setting: Setting[str | None], values: Settings, what: str) -> Secret | None:
    """Return the secret in the file that a setting names, if it names one."""
    place = values[setting]
    return None if place is None else Secret(read_secret(place, setting.name, what))


def interface(values: Settings) -> str | None:
    """Return the address of the pages of the server that clients talk to."""
    url = values[table.API_URL]
    return url.rstrip("/").removesuffix("/api") if url else None


def hosted_interface(values: Settings) -> str:
    """Return the address of a hosted service's pages."""
    url = values[table.CLOUD_API_URL].rstrip("/").removesuffix("/api")
    return url.replace("//api.prefect.", "//app.prefect.")


FOLLOWS: Mapping[Setting[Any], Callable[[Settings], Any]] = {
    table.SERVER_DATABASE_CONNECTION_URL: database,
    table.API_AUTH_STRING: client_auth_string,
    table.SERVER_DATABASE_PASSWORD: database_password,
    table.UI_URL: interface,
    table.CLOUD_UI_URL: hosted_interface,
}
"""What follows from other settings where a setting is not given."""
LEVELS = frozenset({table.LOGGING_LEVEL, table.INTERNAL_LOGGING_LEVEL})
"""Levels that are DEBUG, whatever is given for them, where something is looked into."""
