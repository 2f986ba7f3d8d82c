"""A bucket of an S3-compatible store, and what lies in it, by the names that `pathlib` gives to files.

An object is there whole or not at all: nothing of it can be seen before its last byte has arrived. Each call is asked
again for some seconds while the store does not answer. Knows nothing of batches.
"""

import io
import os
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast

from typing_extensions import Buffer, override

from data.errors import BadSetting, DebtOptimizerError, FilesAway

SCHEME = "s3://"
BLOCK_BYTES = 8 << 20  # a store takes its time for each answer: few large ones are several times as fast
FIRST_BLOCK_BYTES = 64 << 10  # whoever looks for a row's end needs no more
PART_BYTES = 8 << 20  # of an upload in parts: 10,000 of them, which is the most, are 80 GB
PARTS_AT_ONCE = 4
RETRIES = 8
LONGEST_PAUSE = timedelta(seconds=2)
RETRY_TIMEOUT = timedelta(seconds=20)
REQUEST_TIMEOUT = timedelta(seconds=60)
REGULAR_FILE = 0o100600
CODE = re.compile(r"<Code>(\w+)</Code>")
REFUSED = re.compile(
    "AccessDenied|AllAccessDisabled|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken|ExpiredToken"
)
NO_KEYS = ("169.254.169.254", "InstanceCredential", "MissingCredentials")


@dataclass(frozen=True)
class Bucket:
    """Where a bucket is, and with which keys it is asked; the keys do not go along when it is pickled.

    Attributes:
        endpoint: the store's address; None for Amazon's own. What else is None is found where it is used: in AWS's own
            variables, or as the role of the machine.
    """

    name: str
    endpoint: str | None = None
    region: str | None = None
    key_id: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)

    @override
    def __str__(self) -> str:
        """As errors name it."""
        return f'the bucket "{self.name}" at {self.endpoint or "Amazon S3"} (BATCHES)'

    def __getstate__(self) -> dict[str, Any]:
        # What is pickled goes to other nodes, in the clear: they have keys of their own.
        return {**self.__dict__, "key_id": None, "secret": None, "token": None}


@dataclass(frozen=True)
class BucketPath:
    """An object of a bucket, or all objects below it as if it were their folder."""

    bucket: Bucket
    key: str

    @override
    def __str__(self) -> str:
        """As it stands in a setting."""
        return f"{SCHEME}{self.bucket.name}/{self.key}".rstrip("/")

    def __truediv__(self, name: str) -> "BucketPath":
        return replace(self, key=f"{self.key}/{name}".lstrip("/"))

    @property
    def name(self) -> str:
        """The last part of the key."""
        return PurePosixPath(self.key).name

    @property
    def parent(self) -> "BucketPath":
        """What it lies in."""
        return replace(self, key=self.key.rpartition("/")[0])

    def with_suffix(self, suffix: str) -> "BucketPath":
        """The same with another suffix."""
        return replace(self, key=str(PurePosixPath(self.key).with_suffix(suffix)))

    def exists(self) -> bool:
        """Whether there is such an object."""
        try:
            with self.asking() as store:
                _obstore().head(store, self.key)
        except FileNotFoundError:
            return False
        return True

    def stat(self) -> os.stat_result:
        """Its size and when it was written.

        Raises:
            FileNotFoundError: there is none.
        """
        return _stat(self.head())

    def open(self) -> BinaryIO:
        """It, to be read in pieces: each is asked for when it is needed.

        Raises:
            FileNotFoundError: there is none, or, while it is read, another has taken its place.
        """
        return cast("BinaryIO", io.BufferedReader(_Ranges(self), BLOCK_BYTES))

    def read_bytes(self) -> bytes:
        """All of it at once.

        Raises:
            FileNotFoundError: there is none.
        """
        with self.asking() as store:
            return bytes(_obstore().get(store, self.key).bytes())

    def write_bytes(self, content: bytes) -> None:
        """Put it there whole."""
        with self.asking() as store:
            _obstore().put(store, self.key, content, chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE)

    def touch(self) -> None:
        """Put an empty one there."""
        self.write_bytes(b"")

    def unlink(self, *, missing_ok: bool = False) -> None:
        """Delete it; a store does not tell whether it was there, so that `missing_ok` is always so."""
        with self.asking() as store:
            _obstore().delete(store, [self.key])

    def upload(self) -> "BucketUpload":
        """A way to write it piece by piece."""
        with self.asking() as store:
            writer = _obstore().open_writer(store, self.key, buffer_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE)
        return BucketUpload(self, writer)

    def below(self) -> "Iterator[tuple[BucketPath, os.stat_result]]":
        """Every object below it, at any depth, by its key."""
        with self.asking() as store:
            found = [entry for page in _obstore().list(store, self.key or None, chunk_size=1000) for entry in page]
        for entry in sorted(found, key=lambda entry: entry["path"]):
            yield replace(self, key=entry["path"]), _stat(entry)

    def delete_below(self) -> None:
        """Delete every object below it."""
        keys = [path.key for path, _ in self.below()]
        with self.asking() as store:
            _obstore().delete(store, keys)

    def head(self) -> Any:
        """What the store tells of it.

        Raises:
            FileNotFoundError: there is none.
        """
        with self.asking() as store:
            try:
                return _obstore().head(store, self.key)
            except FileNotFoundError:
                # A HEAD does not say what is missing, the object or the bucket; this does.
                return _obstore().get(store, self.key).meta

    @contextmanager
    def asking(self) -> Generator[Any]:
        """Ask the store; what it answers with is told in our words."""
        from obstore.exceptions import BaseError, PreconditionError  # noqa: PLC0415 (only where there is a bucket)

        try:
            yield _store(self.bucket)
        except PreconditionError:
            raise FileNotFoundError(2, "another has taken its place", str(self)) from None
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise self._told(error) from None
            raise FileNotFoundError(2, "there is no such object", str(self)) from None
        # Writers wrap what the store says in an OSError.
        except (BaseError, OSError, ValueError) as error:
            raise self._told(error) from None

    def _told(self, error: Exception) -> DebtOptimizerError:
        """What is wrong with the store, and the mend."""
        where, text = self.bucket, str(error)
        code = found[1] if (found := CODE.search(text)) else ""
        if code == "NoSuchBucket":
            return BadSetting(f"{where} is not there: make it, or mend BATCHES or AWS_ENDPOINT_URL")
        if REFUSED.fullmatch(code) or type(error).__name__ in ("PermissionDeniedError", "UnauthenticatedError"):
            return BadSetting(
                f"{where} refuses the service's key ({code or 'AccessDenied'}): mend BATCHES, AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY, or let that key list, read, write and delete there"
            )
        if any(sign in text for sign in NO_KEYS):
            return BadSetting(f"there is no key for {where}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
        return FilesAway(f"{where} does not answer ({code or _cause(text)})")


class BucketUpload(io.RawIOBase):
    """An object on its way to the store; without `finish` nothing of it is ever seen there."""

    def __init__(self, path: BucketPath, writer: Any) -> None:
        """Nothing is sent yet."""
        self._path = path
        self._writer: Any = writer

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, data: Buffer, /) -> int:
        """Send some bytes on; waits where the store is slower than whoever writes."""
        # A copy of its own: the client sends it from where it lies, and whoever gave it writes there again.
        content = bytes(data)
        if self._writer is not None:
            with self._path.asking():
                self._writer.write(content)
        return len(content)

    def abandon(self) -> None:
        """Send nothing more, and never finish."""
        self._writer = None

    def finish(self) -> None:
        """Send what is left; the object is there when this returns."""
        with self._path.asking():
            self._writer.close()


class _Ranges(io.RawIOBase):
    """An object read by ranges, the longer the further it is read on; always of the object that was opened."""

    def __init__(self, path: BucketPath) -> None:
        self._path = path
        found = path.head()
        self._size, self._tag = int(found["size"]), found["e_tag"]
        self._at, self._ahead = 0, FIRST_BLOCK_BYTES

    @override
    def readable(self) -> bool:
        return True

    @override
    def seekable(self) -> bool:
        return True

    @override
    def tell(self) -> int:
        return self._at

    @override
    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if start + offset != self._at:
            self._at, self._ahead = start + offset, FIRST_BLOCK_BYTES
        return self._at

    @override
    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer).cast("B")
        # Who asks for more than the buffer around this holds needs all of it, and gets it at once.
        wanted = len(view) if len(view) > BLOCK_BYTES else min(self._ahead, len(view))
        stop = min(self._at + wanted, self._size)
        if stop <= self._at:
            return 0
        options = {"range": (self._at, stop), "if_match": self._tag}
        with self._path.asking() as store:
            data = memoryview(_obstore().get(store, self._path.key, options=options).bytes())
        view[: len(data)] = data
        self._at, self._ahead = self._at + len(data), 4 * self._ahead
        return len(data)


def bucket_path(url: str, **options: str | None) -> BucketPath:
    """What a URL such as s3://bucket/prefix names; the options are a `Bucket`'s.

    Raises:
        ValueError: it names no bucket.
    """
    name, _, key = url.removeprefix(SCHEME).partition("/")
    if not url.startswith(SCHEME) or not re.fullmatch(r"[\w.-]{3,255}", name):
        raise ValueError("write s3://BUCKET or s3://BUCKET/PREFIX, without keys in it")
    return BucketPath(Bucket(name, **options), key.strip("/"))


@lru_cache
def _store(bucket: Bucket) -> Any:
    """The client of a bucket, one for each process; it is safe among threads."""
    from obstore.store import S3Store  # noqa: PLC0415 (only where there is a bucket)

    given = {
        "endpoint": bucket.endpoint,
        "region": bucket.region,
        "access_key_id": bucket.key_id,
        "secret_access_key": bucket.secret,
        "session_token": bucket.token,
    }
    client: dict[str, Any] = {"timeout": REQUEST_TIMEOUT, "allow_http": (bucket.endpoint or "").startswith("http://")}
    retry: dict[str, Any] = {
        "max_retries": RETRIES,
        "retry_timeout": RETRY_TIMEOUT,
        "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": LONGEST_PAUSE, "base": 2},
    }
    config: Any = {name: value for name, value in given.items() if value}
    return S3Store(bucket.name, config=config, client_options=cast("Any", client), retry_config=cast("Any", retry))


def _obstore() -> Any:
    import obstore  # noqa: PLC0415 (only where there is a bucket)

    return obstore


def _stat(found: Any) -> os.stat_result:
    """What a file system would tell of such a file."""
    at = found["last_modified"].timestamp()
    return os.stat_result((REGULAR_FILE, 0, 0, 1, 0, 0, int(found["size"]), at, at, at))


def _cause(text: str) -> str:
    """The end of the library's first line: before it stands the address, which is told already."""
    return text.partition("\n")[0].rpartition(" - ")[2].rpartition(": ")[2] or "no answer"
