"""Ids of records: unguessable, and without meaning; and what a repeated request is known by."""

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

IDEMPOTENCY_KEPT = timedelta(hours=24)  # how long a repetition is known as one


def new_id() -> str:
    """A new id: 32 hexadecimal characters."""
    return uuid4().hex


def fingerprint(request: dict[str, Any]) -> str:
    """The same for the same request, and for no other; nothing can be read out of it."""
    return sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
