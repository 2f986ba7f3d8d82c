"""Ids of records: unguessable, and without meaning."""

from datetime import timedelta
from uuid import uuid4

IDEMPOTENCY_KEPT = timedelta(hours=24)  # how long a repetition is known as one


def new_id() -> str:
    """A new id: 32 hexadecimal characters."""
    return uuid4().hex
