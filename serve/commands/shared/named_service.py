"""Which service a command asks over HTTP, and with which key: the one that is named, else the one of this machine."""

from pathlib import Path

from data.errors import ServiceUnavailable
from serve.machine.records import key_file
from serve.machine.run_record import read_record

KEY_UNKNOWN = "no key to {url} is known: give --key (API_KEY)"


def address_of(state_dir: Path, url: str | None) -> str | None:
    """The address that is named, else that of the service which `up` started here; None where there is neither."""
    record = read_record(state_dir)
    return url or (record.api_url if record else None)


def key_to(url: str, state_dir: Path, key: str | None) -> str:
    """The key that is given, else this machine's own.

    Raises:
        ServiceUnavailable: there is none.
    """
    own = key_file(state_dir)
    secret = key or (own.read_text("utf-8").strip() if own.exists() else None)
    if secret is None:
        raise ServiceUnavailable(KEY_UNKNOWN.format(url=url))
    return secret
