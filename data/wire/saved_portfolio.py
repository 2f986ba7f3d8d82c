"""A portfolio that its owner keeps, as it goes over the wire."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from data.portfolio.portfolio import Portfolio


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
