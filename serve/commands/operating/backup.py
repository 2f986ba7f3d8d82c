"""`backup` and `restore`: all that lasts in one file, and back."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from filelock import Timeout

from data.clock import utc_now
from data.errors import OperatorError
from data.records.migrations.upgrade import revisions
from serve.commands.shared.options import AsJson
from serve.keeping.backups.backup import Kept
from serve.keeping.backups.backup import backup as write
from serve.keeping.backups.manifest import BATCHES, Manifest
from serve.keeping.backups.restore import restore as put_back
from serve.machine.local import ONLY_OURS, lock_of
from serve.machine.private import state_folder
from serve.machine.records import key_file
from serve.settings import Settings

BackupFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="The backup, a tar with gzip: what you will of .tar.gz.")
]


def backup(file: BackupFile, *, as_json: AsJson = False) -> None:
    """Write the records, the files of batches and the dashboard's key into FILE, while the service goes on."""
    settings = Settings.load()
    before = os.umask(ONLY_OURS)
    try:
        manifest = write(_kept(settings), file, utc_now())
    finally:
        os.umask(before)
    told = f"{file}: {file.stat().st_size / 1e6:.1f} MB, tables of revision {manifest.revision}, {_batches(manifest)}"
    _tell(manifest, file, told, as_json=as_json)


def restore(file: BackupFile, *, as_json: AsJson = False) -> None:
    """Put a backup back into an empty place: checked first, wholly or not at all."""
    settings = Settings.load()
    before = os.umask(ONLY_OURS)
    try:
        state_folder(settings.state_dir)
        with lock_of(settings.state_dir).acquire(timeout=0):
            manifest = put_back(file, _kept(settings))
    except Timeout:
        raise OperatorError(
            f"DebtOptimizer runs in {settings.state_dir}: stop it first, `debt-optimizer down`"
        ) from None
    finally:
        os.umask(before)
    told = f"put back what was kept at {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC: {_batches(manifest)}; tasks that were "
    told += "waiting or running are queued anew once the service runs"
    if manifest.revision != revisions()[0]:
        told += f"; the tables have revision {manifest.revision}: run `debt-optimizer migrate` (`up` does it by itself)"
    _tell(manifest, file, told, as_json=as_json)


def _kept(settings: Settings) -> Kept:
    return Kept(settings.database_url, settings.batches_dir, key_file(settings.state_dir))


def _batches(manifest: Manifest) -> str:
    folders = {name.split("/")[1] for name in manifest.members if name.startswith(BATCHES)}
    return "1 batch" if len(folders) == 1 else f"{len(folders)} batches"


def _tell(manifest: Manifest, file: Path, told: str, *, as_json: bool) -> None:
    if as_json:
        document = {**manifest.model_dump(mode="json", exclude={"members"}), "files": len(manifest.members)}
        sys.stdout.write(json.dumps({**document, "file": str(file)}) + "\n")
    else:
        sys.stdout.write(f"{told}\n")
