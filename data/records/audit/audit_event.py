"""Who did what, as it is kept: one row a deed, each holding the hash of the one before it.

No bodies, names or amounts: only ids, what was done, and when.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Field, SQLModel

from data.records.timestamp import Timestamp, utc_column

GENESIS = "0" * 64  # what the first row of a chain follows
NO_ORGANISATION = ""  # the chain of those whom nobody knows


class AuditEvent(SQLModel, table=True):
    """One deed in an organisation's chain.

    Attributes:
        number: 1, 2, 3 … within the organisation.
        actor_kind: `key`, `user`, `operator` (the command line), `worker`, `identity provider`,
            or `nobody` (who was not let in).
        subject: the id of what it was done to, where there is one.
        hash: of all that stands in the row, `previous_hash` among it.
    """

    __tablename__ = "audit_event"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_audit_event_subject", "organisation_id", "subject", "number"),)

    organisation_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=BigInteger)
    at: Timestamp = Field(sa_column=utc_column(nullable=False))
    actor_kind: str
    actor_id: str
    action: str
    subject: str
    detail: dict[str, Any] = Field(sa_type=JSON)
    trace_id: str
    previous_hash: str
    hash: str

    def digest(self) -> str:
        """The hash that the row must have, from all else that stands in it."""
        told = [
            self.organisation_id,
            self.number,
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            *(self.actor_kind, self.actor_id, self.action, self.subject),
            *(self.detail, self.trace_id, self.previous_hash),
        ]
        return sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class AuditHead(SQLModel, table=True):
    """The last row of an organisation's chain: whoever adds to the chain holds this row meanwhile."""

    __tablename__ = "audit_head"  # pyright: ignore[reportAssignmentType]

    organisation_id: str = Field(primary_key=True)
    number: int = Field(default=0, sa_type=BigInteger)
    hash: str = GENESIS


@dataclass(frozen=True)
class Actor:
    """Who does something, and the trace under which the log has it."""

    kind: str
    id: str = ""
    trace_id: str = ""


OPERATOR = Actor("operator")
WORKER = Actor("worker")


@dataclass(frozen=True)
class Deed:
    """What somebody has done, before it has its place in the chain; `detail` holds short texts and whole numbers."""

    organisation_id: str
    actor: Actor
    action: str
    at: datetime
    subject: str = ""
    detail: dict[str, str | int] = field(default_factory=dict[str, str | int])
