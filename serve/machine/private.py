"""What only this user may enter, read or write: made so, closed where it is ours and open, and refused where it is not.

Whoever else works on this machine may list, read and write whatever its mode lets them: an open folder of ours would
hand them the keys that lie in it, and with Ray's token the right to run programs as us.
"""

import os
import stat
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from data.errors import OperatorError

OTHERS = stat.S_IRWXG | stat.S_IRWXO
FOLDER_MODE, FILE_MODE = 0o700, 0o600
WRITTEN_WHOLE = ("api_key", "run.json", "ray_token")
OURS = (
    *WRITTEN_WHOLE,
    *(f".{name}.*" for name in WRITTEN_WHOLE),
    "debt-optimizer.db*",
    "lock",
    "redis",
    "logs",
    "batches",
    "models",
)


def write_private(file: Path, text: str) -> None:
    """Write a file that only this user may read, whole or not at all."""
    # mkstemp makes the file private from the start.
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as output:
        output.write(text)
    Path(name).replace(file)


def private_folder(folder: Path) -> Path:
    """The folder, made if need be, that only this user may enter.

    Raises:
        OperatorError: it cannot be made, belongs to somebody else, is open to others, or could be exchanged by them.
    """
    made = _made(folder)
    if made.st_mode & OTHERS:
        raise OperatorError(f"{folder} is open to others: remove it, or `chmod 700` it if you know what is in it")
    return folder


def state_folder(folder: Path) -> Path:
    """The folder of all that lasts, made if need be; one that stood open is closed with everything of ours in it.

    Raises:
        OperatorError: it cannot be made, or belongs to somebody else; or it is open and holds other things than ours.
    """
    if _made(folder).st_mode & (OTHERS | stat.S_ISVTX):
        others = sorted(entry.name for entry in folder.iterdir() if not any(entry.match(name) for name in OURS))
        if others:
            raise OperatorError(
                f"{folder} is open to others and holds more than ours ({others[0]}): set STATE_DIR to a folder of its "
                f"own, or `chmod 700` it"
            )
        folder.chmod(FOLDER_MODE)
    for entry in _entries(folder):
        if not close_own(entry):
            raise OperatorError(f"{entry} belongs to somebody else: remove it, or set STATE_DIR to another folder")
    return folder


def close_own(entry: Path) -> bool:
    """Close a file or folder to everybody else; False where it is not this user's. A link is let be."""
    try:
        found = entry.lstat()
    except FileNotFoundError:
        return True  # it has gone meanwhile
    if found.st_uid != os.getuid():
        return False
    if found.st_mode & OTHERS and not stat.S_ISLNK(found.st_mode):
        entry.chmod(FOLDER_MODE if stat.S_ISDIR(found.st_mode) else FILE_MODE)
    return True


def database_files(url: str) -> list[Path]:
    """The files of a SQLite database, wherever it lies; none of another kind."""
    if not url.startswith("sqlite"):
        return []
    file = url.partition(":///")[2].partition("?")[0]
    return [Path(file + ending) for ending in ("", "-wal", "-shm")]


def folder_mark(state_dir: Path) -> str:
    """The mark of every process that belongs to this state folder, whichever run started it."""
    return sha256(str(state_dir).encode()).hexdigest()[:12]


def run_folder(state_dir: Path) -> Path:
    """Where sockets and Ray's own files lie while a run lasts: a short path, for a socket's has 107 characters at most.

    Ray opens every folder that it makes to everybody; this one around them is closed.
    """
    return short_folder() / f"do-{os.getuid()}-{folder_mark(state_dir)}"


def short_folder() -> Path:
    """Where temporary folders with short paths can be made."""
    return Path("/tmp") if Path("/tmp").is_dir() else Path(tempfile.gettempdir())


def _made(folder: Path) -> os.stat_result:
    """What is there, made if need be: a folder of this user's, which nobody else can exchange for another."""
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        # `lstat`: a link that somebody else has put there is not our folder.
        found, above = folder.lstat(), folder.parent.stat()
    except OSError as error:
        raise OperatorError(f"{folder} cannot be made ({error.strerror}): set STATE_DIR to a folder of yours") from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise OperatorError(f"{folder} belongs to somebody else: remove it, or set STATE_DIR to another folder")
    if above.st_mode & stat.S_IWOTH and not above.st_mode & stat.S_ISVTX:
        raise OperatorError(
            f"anybody can exchange what is in {folder.parent}: `chmod +t` it, or set STATE_DIR to a folder of yours"
        )
    return found


def _entries(folder: Path) -> Iterator[Path]:
    """Everything of ours below the folder, a folder before what is in it."""
    for name in OURS:
        for entry in folder.glob(name):
            yield entry
            if entry.is_dir() and not entry.is_symlink():
                yield from entry.rglob("*")
