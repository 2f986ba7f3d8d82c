"""The audit log of one's organisation, for its administrators: who did what, and when."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from data.records.audit.audit_store import AuditFilter
from serve.http.auth import CurrentAdmin
from serve.http.bodies import JsonRoute, services_of
from serve.http.pages import Page, PageQuery

router = APIRouter(prefix="/v1/audit", tags=["audit"], route_class=JsonRoute)
Text = Annotated[str | None, Field(max_length=100)]


class AuditQuery(PageQuery):
    """Which entries."""

    action: Text = None
    actor_id: Text = None
    subject: Text = None


class AuditView(BaseModel):
    """One deed: `actor_id` is a key's or a person's, `subject` the id of what it was done to.

    `hash` is of all else in the entry and of `previous_hash`, so that no entry can be changed or taken out unnoticed.
    """

    model_config = ConfigDict(from_attributes=True)

    number: int
    at: datetime
    actor_kind: str
    actor_id: str
    action: str
    subject: str
    detail: dict[str, Any]
    trace_id: str
    previous_hash: str
    hash: str


@router.get("", summary="Read the audit log")
async def read_audit(admin: CurrentAdmin, request: Request, query: Annotated[AuditQuery, Query()]) -> Page[AuditView]:
    """What was done in the organisation, the newest first."""
    wanted = AuditFilter(query.action, query.actor_id, query.subject)
    rows, following = await services_of(request).audit.page(
        admin.organisation_id, wanted, cursor=query.cursor, limit=query.limit
    )
    return Page(items=[AuditView.model_validate(row) for row in rows], next=following)
