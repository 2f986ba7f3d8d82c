"""A backup written while the service goes on: the database at one moment, then the files of batches.

Files are copied after the records: what a batch has finished meanwhile is found done when it is gone on with.
"""

import asyncio
import os
import tarfile
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from gzip import GzipFile
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

from data.errors import OperatorError
from data.records.copies import copy_out, kind_of
from data.records.database import Database
from serve.batches.files.place import BatchPath, files_below, folders_in, reading
from serve.keeping.backups.manifest import API_KEY, BATCHES, DATABASE, FORMAT, MANIFEST, Hashed, Held, Manifest

COMPRESSION = 3  # of 9: most of the gain, at a disk's pace
MOST_LOOKS = 10  # at the folder of a batch whose files change while they are copied


@dataclass(frozen=True)
class Kept:
    """What lasts of a service.

    Attributes:
        api_key: the dashboard's own key, a file.
    """

    database_url: str
    batches: BatchPath
    api_key: Path


def backup(kept: Kept, file: Path, now: datetime) -> Manifest:
    """Write all that lasts into the file, which is there whole or not at all, and which only this user may read.

    Raises:
        OperatorError: the file is there already, there is nothing to keep, or a part cannot be copied.
    """
    if file.exists():
        raise OperatorError(f"{file} is there already: name another file, or move it away")
    revision = _revision(kept.database_url)
    # Beside its place: so that it can be moved there at once, and fails before it only where that disk is full.
    with tempfile.TemporaryDirectory(prefix=f".{file.name}.", dir=file.parent) as folder:
        copy, written = Path(folder) / DATABASE, Path(folder) / "archive"
        copy_out(kept.database_url, copy)
        if _revision(kept.database_url) != revision:
            raise OperatorError("the database was migrated meanwhile: try again")
        manifest = Manifest(
            format=FORMAT, version=version("debt-optimizer"), revision=revision,
            kind=kind_of(kept.database_url), made_at=now, members={},
        )  # fmt: skip
        with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
            with (
                GzipFile(fileobj=output, mode="wb", filename="", compresslevel=COMPRESSION) as packed,
                tarfile.open(fileobj=packed, mode="w|") as archive,
            ):
                _fill(_Writer(archive, manifest.members), kept, copy, manifest)
            output.flush()
            os.fsync(output.fileno())
        written.replace(file)
        _keep_name(file.parent)
    return manifest


def _revision(url: str) -> str:
    async def look() -> str | None:
        database = Database(url)
        try:
            return (await database.schema()).found
        finally:
            await database.close()

    found = asyncio.run(look())
    if found is None:
        raise OperatorError("the database has no tables: there is nothing to keep yet")
    return found


@dataclass(frozen=True)
class _Writer:
    archive: tarfile.TarFile
    members: dict[str, Held] = field(default_factory=dict[str, Held])

    def add(self, name: str, file: BatchPath) -> None:
        with reading(file) as source:
            found = os.fstat(source.fileno()) if isinstance(file, Path) else file.stat()
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = found.st_size, 0o600, int(found.st_mtime)
            read = Hashed(source)
            # As many bytes as there were: what is appended meanwhile is not a part of this moment.
            self.archive.addfile(info, read)  # pyright: ignore[reportArgumentType] (it only reads)
        self.members[name] = read.held


def _fill(writer: _Writer, kept: Kept, copy: Path, manifest: Manifest) -> None:
    writer.add(DATABASE, copy)
    copy.unlink()
    if kept.api_key.exists():
        writer.add(API_KEY, kept.api_key)
    for folder in sorted(folders_in(kept.batches), key=str):
        _add_batch(writer, folder)
    content = manifest.model_dump_json(indent=1).encode()
    info = tarfile.TarInfo(MANIFEST)
    info.size, info.mode, info.mtime = len(content), 0o600, int(manifest.made_at.timestamp())
    writer.archive.addfile(info, BytesIO(content))


def _add_batch(writer: _Writer, folder: BatchPath) -> None:
    """All files of a batch as they are together; anew where one has gone before it was copied."""
    for _ in range(MOST_LOOKS):
        names: list[str] = []
        try:
            for name, file in files_below(folder):
                names.append(f"{BATCHES}{folder.name}/{name}")
                writer.add(names[-1], file)
        except FileNotFoundError:
            for name in names:
                writer.members.pop(name, None)
            continue
        return
    raise OperatorError(f"the files of the batch {folder.name} change all the time: try again")


def _keep_name(folder: Path) -> None:
    """The file's name on disk, too: it lasts only once its folder is written."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
