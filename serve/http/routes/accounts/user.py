"""The people of one's organisation, for its administrators."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, ConfigDict, StrictBool, StringConstraints

from data.errors import Conflict
from data.records.accounts.caller import Caller
from data.records.accounts.user_store import NewPerson
from data.wire.access import Role
from data.wording.described import Described
from data.wording.sentence import say
from serve.http.access.audited import actor_of
from serve.http.auth import CurrentAdmin
from serve.http.bodies import JsonRoute, services_of
from serve.http.described import examples
from serve.http.pages import Page
from serve.http.path_ids import Id

router = APIRouter(prefix="/v1/users", tags=["users"], route_class=JsonRoute)


class NewUser(Described, BaseModel):
    """A person, and their role: `viewer` reads, `analyst` also makes and changes, `admin` also manages.

    With the address that an identity provider has verified, whoever signs in there is recognised.

    Attributes:
        name: what they are called, 1 to 80 characters.
        role: what they may do.
        email: the address that an identity provider has verified: whoever signs in there with it is recognised.
    """

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    role: Role = Role.VIEWER
    email: (
        Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=254, pattern=r"^\S+@\S+$")]
        | None
    ) = None


class UserChange(Described, BaseModel):
    """What is to change; what is left out stays as it is.

    Attributes:
        role: the new role; null leaves it as it is.
        is_disabled: whether they and their keys are let in no more; null leaves it as it is.
    """

    model_config = ConfigDict(extra="forbid")

    role: Role | None = None
    is_disabled: StrictBool | None = None


class UserView(Described, BaseModel):
    """A person; once disabled, neither they nor their keys are let in.

    Attributes:
        id: their id.
        name: what they are called.
        email: the address by which an identity provider knows them; null where none is known.
        role: what they may do.
        created_at: when they were made known, in UTC.
        disabled_at: since when they are let in no more, in UTC; null where they are.
    """

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    email: str | None
    role: Role
    created_at: datetime
    disabled_at: datetime | None


@router.get("", summary="List people")
async def list_users(admin: CurrentAdmin, request: Request) -> Page[UserView]:
    """The organisation's people, the oldest first, disabled ones too."""
    users = await services_of(request).users.list(admin.organisation_id)
    return Page(items=[UserView.model_validate(user) for user in users])


@router.post("", status_code=201, summary="Make a person known")
async def create_user(
    new: Annotated[NewUser, Body(openapi_examples=examples.USER)],
    admin: CurrentAdmin,
    request: Request,
    response: Response,
) -> UserView:
    """A new person; make keys with their `user_id`, or let them sign in through the identity provider."""
    person = NewPerson(new.name, new.role, new.email)
    user = await services_of(request).users.create(admin.organisation_id, person, actor_of(request))
    response.headers["Location"] = f"/v1/users/{user.id}"
    return UserView.model_validate(user)


@router.patch("/{user_id}", summary="Change or disable a person")
async def change_user(
    user_id: Id,
    change: Annotated[UserChange, Body(openapi_examples=examples.USER_CHANGE)],
    admin: CurrentAdmin,
    request: Request,
) -> UserView:
    """Another role, or none at all, for them and all their keys, within a few seconds everywhere."""
    _refuse_oneself(user_id, admin)
    user = await services_of(request).users.change(
        user_id, admin.organisation_id, actor_of(request), role=change.role, is_disabled=change.is_disabled
    )
    request.app.state.keys.forget()
    return UserView.model_validate(user)


def _refuse_oneself(user_id: str, admin: Caller) -> None:
    """An administrator who disables themselves might leave the organisation without any.

    Raises:
        Conflict: it is themselves.
    """
    if user_id == admin.user_id:
        raise Conflict(say("yourself"))
