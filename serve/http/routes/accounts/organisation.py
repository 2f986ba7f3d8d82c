"""How long one's organisation keeps what."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from data.portfolio.value import Whole
from data.records.keeping.retention import MOST_DAYS, Retention
from data.records.keeping.retention_store import RetentionStore
from data.wording.described import Described
from serve.http.auth import CurrentAdmin, CurrentCaller
from serve.http.bodies import JsonRoute, services_of

Days = Annotated[Whole, Field(ge=1, le=MOST_DAYS)] | None
router = APIRouter(prefix="/v1/organisation", tags=["organisation"], route_class=JsonRoute)


class RetentionDays(Described, BaseModel):
    """Days after which things are erased for good, once a day; null keeps them until somebody deletes them.

    Tasks and batches count from their end, portfolios from their last change.

    Attributes:
        tasks_days: days after a task's end; null keeps tasks.
        batches_days: days after a batch's end; null keeps batches.
        portfolios_days: days after a portfolio's last change; null keeps portfolios.
    """

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    tasks_days: Days = None
    batches_days: Days = None
    portfolios_days: Days = None


@router.get("/retention", summary="How long things are kept")
async def read_retention(caller: CurrentCaller, request: Request) -> RetentionDays:
    """What the organisation has decided; everything is kept where it has decided nothing."""
    decided = await RetentionStore(services_of(request).database).of(caller.organisation_id)
    return RetentionDays.model_validate(decided)


@router.put("/retention", summary="Decide how long things are kept")
async def decide_retention(new: RetentionDays, admin: CurrentAdmin, request: Request) -> RetentionDays:
    """Keep it so from now on; what is older already is erased within a day, and cannot be brought back."""
    decided = Retention(organisation_id=admin.organisation_id, **new.model_dump())
    await RetentionStore(services_of(request).database).decide(decided)
    return new
