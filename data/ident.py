"""Ids of records: unguessable, and without meaning."""

from uuid import uuid4


def new_id() -> str:
    """A new id: 32 hexadecimal characters."""
    return uuid4().hex
