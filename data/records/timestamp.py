"""Times in UTC, in the program and in every database."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, DateTime, Dialect, TypeDecorator

from data.wording.sentence import Refused, say

Timestamp = datetime


class UtcDateTime(TypeDecorator[datetime]):
    """A time that leaves and enters as UTC, also where the database (SQLite) forgets time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: UTC, and a time without a zone is refused."""
        if value is not None and value.tzinfo is None:
            raise Refused(say("time_zone_missing", value=value))
        return value if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database: with its zone."""
        # SQLite gives times back without their zone; all that was stored is UTC.
        return value if value is None or value.tzinfo is not None else value.replace(tzinfo=UTC)


def utc_column(*, nullable: bool = True) -> "Column[Any]":
    """A column for a time in UTC."""
    return Column(UtcDateTime(), nullable=nullable)
