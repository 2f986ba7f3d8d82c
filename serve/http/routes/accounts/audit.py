"""The audit log of one's organisation, for its administrators: who did what, and when."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from data.records.audit.audit_store import AuditFilter
from data.wording.described import Described
from serve.http.auth import CurrentAdmin
from serve.http.bodies import JsonRoute, services_of
from serve.http.pages import Page, PageQuery

router = APIRouter(prefix="/v1/audit", tags=["audit"], route_class=JsonRoute)
Text = Annotated[str | None, Field(max_length=100)]


class AuditQuery(PageQuery):
    """Which entries."""

    action: Annotated[Text, Field(description="Only deeds of this kind, such as `task.created`.")] = None
    actor_id: Annotated[Text, Field(description="Only those of this key or person.")] = None
    subject: Annotated[Text, Field(description="Only those done to the thing of this id.")] = None


class AuditView(Described, BaseModel):
    """One deed: `actor_id` is a key's or a person's, `subject` the id of what it was done to.

    `hash` is of all else in the entry and of `previous_hash`, so that no entry can be changed or taken out unnoticed.

    Attributes:
        number: its place in the organisation's log, from 1 on.
        at: when it was done, in UTC.
        actor_kind: who did it: `key`, `user`, `operator` (the command line), `worker`, `identity provider`, or `nobody`
            (who was not let in).
        actor_id: the id of the key or person.
        action: what was done, as a code.
        subject: the id of what it was done to; empty where there is none.
        detail: what else there is to say of it.
        trace_id: the trace id of the request, as the answer's `X-Trace-Id` told it.
        previous_hash: the hash of the entry before.
        hash: SHA-256 of all else in the entry and of `previous_hash`, so that no entry can be changed or taken out
            unnoticed.
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
