"""A portfolio that its owner keeps: the table row, one per version."""

from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from data.records.timestamp import Timestamp, utc_column


class SavedPortfolio(SQLModel, table=True):
    """One version of a saved portfolio; the newest has the highest `version`."""

    __tablename__ = "saved_portfolio"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_saved_portfolio_listing", "organisation_id", "created_at", "id"),)

    id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    organisation_id: str
    title: str
    is_latest: bool = True
    content: dict[str, Any] = Field(sa_type=JSON)
    created_at: Timestamp = Field(sa_column=utc_column(nullable=False))
