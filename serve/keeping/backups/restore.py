"""A backup put back where nothing is: looked through first, laid beside its place, and then moved there."""

import asyncio
import shutil
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from data.errors import BadSetting, OperatorError
from data.records.copies import copy_in, kind_of, sqlite_file
from data.records.database import Database
from data.records.migrations.upgrade import Schema, revisions
from serve.batches.files.place import BatchPath, files_below, reading, take_away, write_whole
from serve.keeping.backups.backup import Kept
from serve.keeping.backups.manifest import API_KEY, BATCHES, BLOCK, DATABASE, Manifest, opened, verified


def restore(file: Path, kept: Kept) -> Manifest:
    """Put a backup back, wholly or not at all.

    Raises:
        OperatorError: it is damaged, of a newer version, or there is something already where it should go.
    """
    manifest = verified(file)
    _need_fitting(manifest, kept)
    _need_empty(kept)
    # Beside their places, so that each is moved there at once.
    with ExitStack() as stack:
        beside = stack.enter_context(_folder(_beside(kept)))
        records = stack.enter_context(_folder(_database_folder(kept)))
        _unpack(file, manifest, beside, records / DATABASE)
        undo = stack.enter_context(ExitStack())
        _place_batches(beside / BATCHES.rstrip("/"), kept.batches, undo)
        _place(beside / API_KEY, kept.api_key, undo)
        # Last: without it nothing has been put back.
        copy_in(kept.database_url, records / DATABASE)
        undo.pop_all()  # it stays
    return manifest


def _need_fitting(manifest: Manifest, kept: Kept) -> None:
    schema = Schema(manifest.revision, revisions()[0])
    if schema.is_newer:
        raise OperatorError(
            f"the backup has the tables of a newer version ({manifest.version}, revision {manifest.revision}; this "
            f"one knows them up to {schema.needed}): install that version"
        )
    if manifest.kind != kind_of(kept.database_url):
        raise BadSetting(
            f"the backup is of a {manifest.kind} database, and DATABASE_URL names a {kind_of(kept.database_url)}: "
            "name one of the same kind"
        )


def _need_empty(kept: Kept) -> None:
    async def look() -> bool:
        database = Database(kept.database_url)
        try:
            return await database.is_empty()
        finally:
            await database.close()

    mend = "a backup is put back only where nothing is: move it away, or set another place"
    if not asyncio.run(look()):
        raise OperatorError(f"the database is not empty ({mend} with DATABASE_URL or STATE_DIR)")
    if not _is_empty(kept.batches):
        raise OperatorError(f"{kept.batches} is not empty ({mend} with BATCHES or STATE_DIR)")
    if kept.api_key.exists():
        raise OperatorError(f"{kept.api_key} is there already ({mend} with STATE_DIR)")


def _is_empty(folder: BatchPath) -> bool:
    if isinstance(folder, Path):
        return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
    return next(folder.below(), None) is None


def _beside(kept: Kept) -> Path:
    """Where the files of batches are laid first."""
    return kept.batches.parent if isinstance(kept.batches, Path) else kept.api_key.parent


def _database_folder(kept: Kept) -> Path:
    is_file = kind_of(kept.database_url) == "sqlite"
    return sqlite_file(kept.database_url).absolute().parent if is_file else _beside(kept)


@contextmanager
def _folder(parent: Path) -> Generator[Path]:
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore.", dir=parent) as name:
        yield Path(name)


def _place_batches(source: Path, place: BatchPath, undo: ExitStack) -> None:
    if isinstance(place, Path):
        _place(source, place, undo)
        return
    undo.callback(take_away, place)
    for name, file in files_below(source):
        with reading(file) as content:
            write_whole(place / name, partial(shutil.copyfileobj, content, length=BLOCK))


def _place(source: Path, place: Path, undo: ExitStack) -> None:
    """Move what was unpacked to its place, from which it is taken away again where the rest does not come about."""
    if not source.exists():
        return
    if place.is_dir():
        place.rmdir()  # empty
    source.replace(place)
    undo.callback(_take_away, place)


def _take_away(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)


def _unpack(file: Path, manifest: Manifest, beside: Path, database: Path) -> None:
    with opened(file) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.name in manifest.members else None
            if content is None:
                continue
            place = database if member.name == DATABASE else beside / member.name
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.touch(mode=0o600)
            with place.open("wb") as output:
                shutil.copyfileobj(content, output, BLOCK)
