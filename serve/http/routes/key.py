"""The API keys of one's organisation, for its administrators. A secret is shown once."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, ConfigDict, StrictBool, StringConstraints

from data.errors import Conflict
from data.records.account import ApiKey
from data.wording.sentence import say
from serve.http import examples
from serve.http.auth import CurrentAdmin
from serve.http.bodies import JsonRoute, services_of
from serve.http.pages import Page
from serve.http.path_ids import Id

router = APIRouter(prefix="/v1/keys", tags=["keys"], route_class=JsonRoute)


class NewKey(BaseModel):
    """What a new key is for; only an administrator's key may make and revoke keys."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    is_admin: StrictBool = False


class KeyView(BaseModel):
    """A key without its secret; `hint` is the secret's last four characters."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    hint: str
    is_admin: bool
    created_at: datetime
    revoked_at: datetime | None


class CreatedKey(KeyView):
    """A new key with its secret, which cannot be shown again."""

    secret: str


@router.get("", summary="List keys")
async def list_keys(admin: CurrentAdmin, request: Request) -> Page[KeyView]:
    """The organisation's keys, the newest first, revoked ones too."""
    keys = await services_of(request).accounts.list_keys(admin.organisation_id)
    return Page(items=[KeyView.model_validate(key) for key in keys])


@router.post("", status_code=201, summary="Make a key")
async def create_key(
    new: Annotated[NewKey, Body(openapi_examples=examples.KEY)],
    admin: CurrentAdmin,
    request: Request,
    response: Response,
) -> CreatedKey:
    """A new key; keep its `secret`, nobody can be shown it again."""
    accounts = services_of(request).accounts
    key, secret = await accounts.create_key(new.name, admin.organisation_id, is_admin=new.is_admin)
    response.headers["Location"] = f"/v1/keys/{key.id}"
    return _created(key, secret)


@router.delete("/{key_id}", status_code=204, summary="Revoke a key")
async def revoke_key(key_id: Id, admin: CurrentAdmin, request: Request) -> None:
    """Let the key open nothing any more, within a few seconds everywhere."""
    # Revoking the key in use might lock the whole organisation out.
    if key_id == admin.key_id:
        raise Conflict(say("key_in_use"))
    await services_of(request).accounts.revoke_key(key_id, admin.organisation_id)
    # At once in this process; the others ask again within seconds.
    request.app.state.keys.forget()


def _created(key: ApiKey, secret: str) -> CreatedKey:
    return CreatedKey(**KeyView.model_validate(key).model_dump(), secret=secret)
