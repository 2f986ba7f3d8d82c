"""Where the files of batches lie, in a folder or in a bucket, and what is done differently in the two."""

import filecmp
import io
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from serve.batches.files.bucket import BLOCK_BYTES, BucketPath

BatchPath = Path | BucketPath
"""A file of a batch, or a folder of such files."""


def need_files(folder: BatchPath) -> None:
    """Make sure that files can be written, read and deleted in a bucket; a folder is made when it is needed.

    Raises:
        BadSetting: the bucket is not there, or refuses. FilesAway: the store does not answer.
    """
    if isinstance(folder, BucketPath):
        trial = folder / f"trial-{uuid4().hex}"
        # Looked for first: some stores would make a bucket that is missing for whoever writes there.
        list(trial.below())
        trial.touch()
        trial.stat()
        trial.unlink()


def reading(path: BatchPath) -> BinaryIO:
    """The file, open for reading.

    Raises:
        FileNotFoundError: it is not there.
    """
    return path.open("rb") if isinstance(path, Path) else path.open()


def write_whole(target: BatchPath, write: Callable[[BinaryIO], object]) -> None:
    """Write a file that appears under its name only when it is whole and on disk, or in the store."""
    if isinstance(target, BucketPath):
        _write_object(target, write)
        return
    # A name of its own, in the same folder: two runs may write at once, and a rename within a folder is atomic.
    draft = target.with_name(f"{target.name}.{uuid4().hex}.tmp")
    try:
        with draft.open("wb") as file:
            write(file)
            file.flush()
            # On disk before the rename, or a loss of power could leave an empty file under the final name.
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def make_folder(folder: BatchPath, *, exist_ok: bool = True) -> None:
    """Make the folder; a bucket has none."""
    if isinstance(folder, Path):
        folder.mkdir(parents=True, exist_ok=exist_ok)


def take_away(folder: BatchPath) -> None:
    """Delete the folder and all in it.

    Raises:
        FilesAway: the store does not answer: not all of it is gone.
    """
    if isinstance(folder, Path):
        shutil.rmtree(folder, ignore_errors=True)
    else:
        folder.delete_below()


def files_in(folder: BatchPath) -> "list[BatchPath]":
    """The files directly in the folder, none where there is no such folder."""
    if isinstance(folder, Path):
        return list(folder.glob("*"))
    return [path for path, _ in folder.below() if path.parent == folder]


def files_below(folder: BatchPath) -> Iterator[tuple[str, BatchPath]]:
    """Every file below the folder, with its name as it stands there."""
    if isinstance(folder, Path):
        files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        yield from ((path.relative_to(folder).as_posix(), path) for path in files)
    else:
        yield from ((_within(path, folder), path) for path, _ in folder.below())


def folders_in(folder: BatchPath) -> "dict[BatchPath, float]":
    """The folders directly in the folder, and when each was last changed."""
    if isinstance(folder, Path):
        found = folder.iterdir() if folder.exists() else ()
        return {path: path.stat().st_mtime for path in found if path.is_dir() and not path.is_symlink()}
    changed: dict[BatchPath, float] = {}
    for path, stat in folder.below():
        name, slash, _ = _within(path, folder).partition("/")
        if slash:
            changed[folder / name] = max(stat.st_mtime, changed.get(folder / name, 0.0))
    return changed


def have_same_bytes(one: BatchPath, other: BatchPath) -> bool:
    """Whether two files are the same, byte by byte: size and time of two uploads prove nothing."""
    if isinstance(one, Path) and isinstance(other, Path):
        return filecmp.cmp(one, other, shallow=False)
    if one.stat().st_size != other.stat().st_size:
        return False
    with reading(one) as left, reading(other) as right:
        pairs = iter(lambda: (left.read(BLOCK_BYTES), right.read(BLOCK_BYTES)), (b"", b""))
        return all(mine == theirs for mine, theirs in pairs)


def _write_object(target: BucketPath, write: Callable[[BinaryIO], object]) -> None:
    upload = target.upload()
    file = io.BufferedWriter(upload, BLOCK_BYTES)
    try:
        write(file)
        file.flush()
        upload.finish()
    finally:
        # What was not finished is never seen; what still waits in the buffer is not sent on.
        upload.abandon()


def _within(path: BucketPath, folder: BucketPath) -> str:
    return path.key.removeprefix(f"{folder.key}/") if folder.key else path.key
