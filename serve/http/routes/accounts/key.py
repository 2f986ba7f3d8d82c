"""The API keys of one's organisation, for its administrators. A secret is shown once."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Body, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator

from data.errors import BadInput, Conflict, FieldError
from data.ident import fingerprint
from data.records.accounts.account import ApiKey
from data.records.accounts.account_store import KeyGrant, Wish
from data.records.accounts.caller import Caller, effective
from data.wire.access import OPENED, Role, Scope, lesser, with_reading
from data.wording.described import Described
from data.wording.sentence import Refused, say
from serve.http.access.audited import actor_of
from serve.http.auth import CurrentAdmin
from serve.http.bodies import JsonRoute, services_of
from serve.http.described import examples
from serve.http.pages import IdempotencyKey, Page
from serve.http.path_ids import Id
from serve.http.problems import Refusal
from serve.http.services import Services

router = APIRouter(prefix="/v1/keys", tags=["keys"], route_class=JsonRoute)


class NewKey(Described, BaseModel):
    """What a new key is for, and what it may do; only an administrator's key may make and revoke keys.

    Without a role it is its user's, or an analyst's where it is nobody's; without scopes it opens all that the role
    opens, as far as the key does that makes it.

    Attributes:
        name: what it is for, 1 to 80 characters.
        is_admin: the same as the role `admin`.
        role: what it may do; null is its user's role, or an analyst's where it is nobody's.
        scopes: what it opens; null is all that the role opens, as far as the key does that makes it.
        expires_at: from when on it opens nothing, with its offset from UTC; null is never.
        user_id: the id of the person whose key it is; null where it is nobody's.
    """

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    is_admin: Annotated[StrictBool, Field(description="The same as the role `admin`.")] = False
    role: Role | None = None
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))] | None = None
    expires_at: AwareDatetime | None = None
    user_id: Annotated[str, StringConstraints(max_length=64)] | None = None

    @model_validator(mode="after")
    def _one_role(self) -> Self:
        if self.is_admin and self.role not in (None, Role.ADMIN):
            raise Refused(say("roles_disagree"))
        return self


class KeyView(Described, BaseModel):
    """A key without its secret; `hint` is the secret's last four characters.

    `scopes` null stands for all that the role opens; `last_used_at` is exact to a minute or so.

    Attributes:
        id: its id.
        name: what it is for.
        hint: the secret's last four characters.
        is_admin: whether its role is `admin`.
        role: what it may do.
        scopes: what it opens; null stands for all that the role opens.
        user_id: the id of the person whose key it is; null where it is nobody's.
        created_at: when it was made, in UTC.
        expires_at: from when on it opens nothing, in UTC; null is never.
        last_used_at: when it was last used, in UTC, exact to a minute or so; null is never.
        revoked_at: when it was revoked, in UTC; null where it was not.
    """

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    hint: str
    is_admin: bool
    role: Role
    scopes: Annotated[list[Scope] | None, Field(validation_alias="granted")]
    user_id: str | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class CreatedKey(KeyView):
    """A new key with its secret, which cannot be shown again.

    Attributes:
        secret: what to send as `Authorization: Bearer <secret>`; null where the Idempotency-Key has made this key
            before: its secret was shown then, once.
    """

    model_config = ConfigDict(populate_by_name=True)

    secret: Annotated[
        str | None,
        Field(description="Null where the Idempotency-Key has made this key before: its secret was shown then, once."),
    ]


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
    idempotency_key: IdempotencyKey = None,
) -> CreatedKey:
    """A new key; keep its `secret`, nobody can be shown it again.

    Repeated with its `Idempotency-Key`, the same key is answered without the secret. Whoever has lost the first answer
    revokes the key and makes another, with another `Idempotency-Key`.
    """
    wish = None if idempotency_key is None else Wish(idempotency_key, fingerprint(new.model_dump(mode="json")))
    key, secret = await _made(new, admin, request, wish)
    response.headers["Location"] = f"/v1/keys/{key.id}"
    return CreatedKey(**KeyView.model_validate(key).model_dump(), secret=secret)


@router.delete("/{key_id}", status_code=204, summary="Revoke a key")
async def revoke_key(key_id: Id, admin: CurrentAdmin, request: Request) -> None:
    """Let the key open nothing any more, within a few seconds everywhere."""
    # Revoking the key in use might lock the whole organisation out.
    if key_id == admin.key_id:
        raise Conflict(say("key_in_use"))
    await services_of(request).accounts.revoke_key(key_id, admin.organisation_id, actor_of(request))
    # At once in this process; the others ask again within seconds.
    request.app.state.keys.forget()


async def _made(new: NewKey, maker: Caller, request: Request, wish: Wish | None) -> tuple[ApiKey, str | None]:
    services = services_of(request)
    accounts, house = services.accounts, maker.organisation_id
    # Before anything is looked at anew: its end may have come meanwhile.
    earlier = None if wish is None else await accounts.made_before(house, wish)
    if earlier is not None:
        return earlier, None
    grant = await _grant(new, maker, services)
    if wish is None:
        return await accounts.create_key(new.name, house, grant, actor_of(request))
    return await accounts.create_key_once(new.name, house, grant, actor_of(request), wish)


async def _grant(new: NewKey, maker: Caller, services: Services) -> KeyGrant:
    """What the new key may do: nothing that its maker may not.

    Raises:
        NotFound: there is no such person. BadInput: the role, scopes and time do not go together.
        Refusal: the maker's own key has not all of it.
    """
    role = Role.ADMIN if new.is_admin else new.role
    if new.user_id is not None:
        own = Role((await services.users.get(new.user_id, maker.organisation_id)).role)
        if role is not None and lesser(role, own) != role:
            raise _wrong(FieldError("role", say("role_beyond_user", role=own.value), role.value))
        role = role or own
    role = role or Role.ANALYST
    if new.expires_at is not None and new.expires_at <= services.now():
        raise _wrong(FieldError("expires_at", say("expires_in_past"), new.expires_at.isoformat()))
    scopes = None if new.scopes is None else sorted(set(new.scopes))
    unopened = [] if scopes is None else [scope for scope in scopes if scope not in OPENED[role]]
    if unopened:
        raise _wrong(FieldError("scopes", say("scopes_beyond_role", role=role.value, scopes=unopened)))
    if scopes is None and not OPENED[role] <= maker.scopes:
        scopes = sorted(OPENED[role] & maker.scopes)
    beyond = sorted(effective(role, scopes) - maker.scopes)
    if beyond or scopes == []:
        raise Refusal(403, say("scopes_beyond_yours", scopes=beyond or sorted(with_reading(OPENED[role]))))
    return KeyGrant(role, scopes, new.expires_at, new.user_id)


def _wrong(field: FieldError) -> BadInput:
    return BadInput(say("key_not_made"), [field])
