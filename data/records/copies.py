"""A whole database copied into a file, while others write to it, and back into an empty one.

SQLite's own copying and Postgres's own programs do it: both copy one moment, of which a transaction is wholly a part or
not at all.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, make_url

from data.errors import DiskFull, OperatorError

BUSY_TIMEOUT_S = 30.0
INSTALL = "install PostgreSQL's client of at least the server's version (on Debian: apt install postgresql-client)"
FULL = ("disk is full", "no space left", "disk i/o error", "file too large")


def kind_of(url: str) -> str:
    """What a copy is of, `sqlite` or `postgresql`: one cannot be put back into the other."""
    return "sqlite" if make_url(url).get_backend_name() == "sqlite" else "postgresql"


def copy_out(url: str, file: Path) -> None:
    """Copy the database as it is at one moment into the file.

    Raises:
        OperatorError: it cannot be copied, and why. DiskFull: the file does not fit.
    """
    if kind_of(url) != "sqlite":
        _run("pg_dump", make_url(url), ["--format=custom", "--no-owner", "--no-privileges", f"--file={file}"])
        return
    try:
        with closing(_opened(sqlite_file(url))) as source, closing(sqlite3.connect(file)) as copy:
            source.backup(copy)
            # One plain file: the service makes it what it needs when it opens it.
            copy.execute("PRAGMA journal_mode=DELETE")
            (said,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise _failed(f"The database {sqlite_file(url)} cannot be copied", str(error)) from error
    if said != "ok":
        raise OperatorError(f"The database {sqlite_file(url)} is damaged ({said}): restore an earlier backup")


def copy_in(url: str, file: Path) -> None:
    """Put a copy into an empty database, wholly or not at all; a SQLite's file is moved, from the same disk.

    Raises:
        OperatorError: it cannot be put back, and why.
    """
    if kind_of(url) != "sqlite":
        _run("pg_restore", make_url(url), ["--single-transaction", "--exit-on-error", "--no-owner", str(file)])
        return
    place = sqlite_file(url)
    for left in (f"{place}-wal", f"{place}-shm"):
        Path(left).unlink(missing_ok=True)  # of an empty one that was there
    file.replace(place)


def sqlite_file(url: str) -> Path:
    """Where a SQLite database lies."""
    return Path(make_url(url).database or "")


def _opened(file: Path) -> sqlite3.Connection:
    """The file, read; never made."""
    return sqlite3.connect(f"file:{quote(str(file))}?mode=rw", uri=True, timeout=BUSY_TIMEOUT_S)


def _run(program: str, url: URL, words: Sequence[str]) -> None:
    found = shutil.which(program)
    if found is None:
        raise OperatorError(f"{program} is not on this machine: {INSTALL}")
    # Its password stands in its environment, not among its words, which all users of this machine may read.
    inherited = dict(os.environ)  # noqa: TID251 (a child inherits the environment; no setting is read from it here)
    environment = {**inherited, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    done = subprocess.run(
        [found, "--no-password", f"--dbname={plain}", *words],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        said = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        mend = f"; {INSTALL}" if "server version mismatch" in said else ""
        raise _failed(f"{program} failed", f"{said}{mend}")


def _failed(what: str, said: str) -> OperatorError:
    if any(sign in said.lower() for sign in FULL):
        return DiskFull(f"{what}: the disk is full; free some space")
    return OperatorError(f"{what}: {said}")
