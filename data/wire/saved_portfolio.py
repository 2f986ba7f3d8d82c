"""A portfolio that its owner keeps, as it goes over the wire."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from data.portfolio.portfolio import Portfolio
from data.wording.described import Described


class NewPortfolio(Described, BaseModel):
    """What `POST /v1/portfolios` takes.

    Attributes:
        title: what its owner calls it, 1 to 120 characters.
        portfolio: the debts and the money for them.
    """

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=120)
    portfolio: Portfolio


class PortfolioView(Described, BaseModel):
    """A saved portfolio as its owner sees it; without its content in lists.

    Attributes:
        id: its id.
        version: the number of this version, from 1 on; the ETag names it.
        title: what its owner calls it.
        created_at: when this version was kept, in UTC.
        portfolio: its content; left out in lists.
    """

    id: str
    version: int
    title: str
    created_at: datetime
    portfolio: Portfolio | None = None
