"""What a backup says of itself: of which version and tables it is, and the checksum of every file in it.

It is the archive's last member. A file that stands in the archive and not in it was superseded while it was copied.
"""

import re
import tarfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from gzip import BadGzipFile, GzipFile
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from data.errors import OperatorError

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database"
API_KEY = "api_key"
BATCHES = "batches/"
MOST_MANIFEST_BYTES = 1_000_000_000
BLOCK = 1 << 20
DAMAGED = (tarfile.TarError, EOFError, zlib.error, BadGzipFile)


class Held(BaseModel):
    """A file of the archive."""

    model_config = ConfigDict(frozen=True)

    size: int
    sha256: str


class Manifest(BaseModel):
    """What a backup says of itself."""

    format: int
    version: str
    revision: str
    kind: str
    made_at: datetime
    members: dict[str, Held]


class Hashed:
    """A file that is read through, and its checksum so far."""

    def __init__(self, file: Any) -> None:
        """Read from here."""
        self._file = file
        self._sum = sha256()
        self.size = 0

    def read(self, size: int = BLOCK) -> bytes:
        """The next bytes."""
        block: bytes = self._file.read(size)
        self._sum.update(block)
        self.size += len(block)
        return block

    @property
    def held(self) -> Held:
        """What was read so far."""
        return Held(size=self.size, sha256=self._sum.hexdigest())


@contextmanager
def opened(file: Path) -> Generator[tarfile.TarFile]:
    """The archive, read from its beginning.

    Raises:
        OperatorError: it is none, or damaged.
    """
    try:
        with GzipFile(file, "rb") as packed:
            with tarfile.open(fileobj=packed, mode="r|") as archive:
                yield archive
            # To its own checksum, which is its end.
            while packed.read(BLOCK):
                pass
    except DAMAGED as error:
        raise _damaged(file, f"it ends early or cannot be read ({error or type(error).__name__})") from error


def verified(file: Path) -> Manifest:
    """The manifest, once every file of the archive has been read and is what it should be.

    Raises:
        OperatorError: it is no backup, or not all of it is there as it was written.
    """
    found: dict[str, Held] = {}
    written: bytes | None = None
    with opened(file) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isreg() and is_known(member.name) else None
            if content is None:
                raise _damaged(file, f'"{member.name}" has no place in one')
            if member.name == MANIFEST:
                written = content.read(MOST_MANIFEST_BYTES)
                continue
            read = Hashed(content)
            while read.read():
                pass
            found[member.name] = read.held
    manifest = _parsed(file, written)
    wrong = [name for name, held in manifest.members.items() if found.get(name) != held]
    if wrong or DATABASE not in manifest.members:
        raise _damaged(file, f'"{[*wrong, DATABASE][0]}" is missing or not what was written')
    return manifest


def is_known(name: str) -> bool:
    """True where a backup may have a file of this name; never one that leads out of the folder it is put into."""
    parts = name.split("/")
    is_inside = not any(part in ("", ".", "..") for part in parts) and not re.search(r"[\\\0]", name)
    return is_inside and (name in (MANIFEST, DATABASE, API_KEY) or name.startswith(BATCHES))


def _parsed(file: Path, written: bytes | None) -> Manifest:
    if written is None:
        raise _damaged(file, "its end is missing")
    try:
        manifest = Manifest.model_validate_json(written)
    except ValidationError as error:
        raise _damaged(file, "it does not say what is in it") from error
    if manifest.format > FORMAT:
        raise OperatorError(f"{file} was written by a newer version of DebtOptimizer ({manifest.version}): install it")
    if not all(is_known(name) for name in manifest.members):
        raise _damaged(file, "it names files that have no place in one")
    return manifest


def _damaged(file: Path, why: str) -> OperatorError:
    return OperatorError(f"{file} is no whole backup: {why}; use another one")
