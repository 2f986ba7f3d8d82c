"""A portfolio that its owner keeps: the table row, one per version, and its wire shape."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from data.portfolio.portfolio import Portfolio
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


class NewPortfolio(BaseModel):
    """What `POST /v1/portfolios` takes."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=120)
    portfolio: Portfolio


class PortfolioView(BaseModel):
    """A saved portfolio as its owner sees it; without its content in lists."""

    id: str
    version: int
    title: str
    created_at: datetime
    portfolio: Portfolio | None = None
