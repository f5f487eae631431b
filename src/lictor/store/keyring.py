"""The keys that the values of block documents are sealed with: kept outside of the database, in a file or a setting.

The first key seals, all of them unseal. The file has one key a line, and is made, readable for its owner alone, when
the first document is saved; the setting has them separated by commas. What is sealed says with which key.
"""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

from lictor.kit.sealing import Broken, Key, key_name
from lictor.settings import Settings, table
from lictor.store.transaction import StoreError

FILE = "encryption.key"


class KeyProblem(StoreError):
    """A key is missing, or is none; the message says which and what to do."""


class Keyring:
    """The keys that the settings name; a file that has changed is read again."""

    def __init__(self, settings: Settings) -> None:
        said = settings[table.SERVER_ENCRYPTION_KEY]
        self.said = [text.strip() for text in said.reveal().split(",") if text.strip()] if said else None
        self.path = Path(settings[table.HOME]) / FILE
        self.keys: list[Key] = []
        self.seen: tuple[int, int] | None = None

    @property
    def place(self) -> str:
        """Where the keys are, in words."""
        return "PREFECT_SERVER_ENCRYPTION_KEY" if self.said is not None else str(self.path)

    def read(self) -> list[Key]:
        """Return the keys as they are now, none if there is no file; raise KeyProblem for what is none."""
        self.seen = self.stamp()
        try:
            lines = self.said if self.said is not None else self.path.read_text(encoding="utf-8").split()
        except FileNotFoundError:
            self.keys = []
            return []
        except (OSError, UnicodeError) as error:
            raise KeyProblem(f"The encryption keys in {self.place} cannot be read: {error}.") from None
        try:
            self.keys = [Key(line) for line in lines]
        except ValueError as error:
            raise KeyProblem(f"{self.place} has a line that is no encryption key: {error}.") from None
        return self.keys

    def known(self) -> list[Key]:
        """Return the keys; the file is read again when it has changed, as after a rotation."""
        return self.keys if self.keys and self.seen == self.stamp() else self.read()

    def stamp(self) -> tuple[int, int] | None:
        """Return what tells one state of the file from another; None without a file."""
        try:
            found = self.path.stat() if self.said is None else None
        except OSError:
            return None
        return found and (found.st_mtime_ns, found.st_ino)

    def named(self, name: str) -> Key | None:
        """Return the key with a name, None if there is none."""
        return next((key for key in self.known() if key.name == name), None)

    def first(self) -> Key:
        """Return the key that seals; raise KeyProblem if there is none."""
        keys = self.known()
        if not keys:
            raise KeyProblem(f"There is no encryption key in {self.place}: put it there again.")
        return keys[0]

    def make(self) -> Key:
        """Make the file with a new key, unless there are keys already; return the key that seals."""
        if not self.known():
            try:
                write_new(self.path, Key.draw() + "\n")
            except FileExistsError:
                pass  # another process was faster
            except OSError as error:
                raise KeyProblem(f"The encryption key cannot be kept in {self.place}: {error}.") from None
            self.read()
        return self.first()

    def renew(self) -> Key:
        """Put a new key before those of the file, which stay; return it."""
        text = Key.draw()
        try:
            before = self.path.read_text(encoding="utf-8").split() if self.path.exists() else []
            replace(self.path, "\n".join([text, *before]) + "\n")
        except (OSError, UnicodeError) as error:
            raise KeyProblem(f"The encryption key cannot be kept in {self.place}: {error}.") from None
        return self.first()

    def seal(self, text: str, owner: UUID) -> tuple[str, str]:
        """Return the name of the first key, and a text sealed with it."""
        key = self.first()
        return key.name, key.seal(text, owner.bytes)

    def unseal(self, sealed: str, owner: UUID) -> str:
        """Return what was sealed for a document; raise KeyProblem where its key is missing or the text was changed."""
        name = key_name(sealed)
        key = self.named(name)
        if key is None:
            raise KeyProblem(missing(name, self.place))
        try:
            return key.unseal(sealed, owner.bytes)
        except Broken:
            raise KeyProblem(
                f"Block document {owner} cannot be decrypted: its row was changed outside of Lictor. "
                "Restore a backup, or delete the document."
            ) from None


def missing(name: str, place: str) -> str:
    """Say that a key is missing."""
    return (
        f"Block documents are encrypted with the key {name}, which is not in {place}. Put the key back "
        f"(from a backup, or from the server that made it) into $PREFECT_HOME/{FILE} or PREFECT_SERVER_ENCRYPTION_KEY."
    )


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet, whole, for its owner alone; raise FileExistsError if it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    write_private(draft, text)
    try:
        os.link(draft, path)
    finally:
        draft.unlink()


def replace(path: Path, text: str) -> None:
    """Write a file, or another in its place, at once and for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    write_private(draft, text)
    draft.replace(path)


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone can read, down to the disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
