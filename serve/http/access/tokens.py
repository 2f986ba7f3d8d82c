"""Callers who come with a token of an identity provider (OpenID Connect): checked, and told who they are here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError
from joserfc.jws import extract_compact

from data.clock import Clock, utc_now
from data.errors import NotAuthenticated
from data.records.accounts.account import User
from data.records.accounts.account_store import SECRET_PREFIX, AccountStore
from data.records.accounts.caller import Caller
from data.records.accounts.user_store import UserStore, Vouched
from data.wire.access import OPENED, Role, greatest
from data.wording.sentence import say
from serve.http.access.signing_keys import SigningKeys

# Signatures by a private key only: a shared secret, or none, proves nothing about the provider.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
LEEWAY_S = 30  # clocks differ
NAME_CHARACTERS = 80
TEXT_CHARACTERS = 255


@dataclass(frozen=True)
class TokenRules:
    """Which tokens are let in, and what they say of their bearer.

    Attributes:
        audiences: for whom a token may be meant; one of them must be in it.
        organisation_claim: the claim that names the organisation; None where there is only one.
        role_claim: the claim with the bearer's roles; None where roles are given here.
        roles: what the provider calls our roles; our own names always do.
        default_role: of whom neither the token nor anybody here gives one; None lets them in not at all.
    """

    issuer: str
    audiences: tuple[str, ...]
    organisation_claim: str | None = None
    role_claim: str | None = None
    roles: Mapping[str, Role] = field(default_factory=dict[str, Role])
    default_role: Role | None = None


class TokenReader:
    """Turns tokens into callers."""

    def __init__(
        self, rules: TokenRules, keys: SigningKeys, accounts: AccountStore, users: UserStore, now: Clock = utc_now
    ) -> None:
        """Work by these rules."""
        self._rules = rules
        self._keys = keys
        self._accounts = accounts
        self._users = users
        self._now = now

    async def close(self) -> None:
        """Close the connections to the provider."""
        await self._keys.close()

    @staticmethod
    def is_token(secret: str) -> bool:
        """True for what may be a token, and is no key of ours."""
        return secret.count(".") == 2 and not secret.startswith(SECRET_PREFIX)

    async def caller(self, token: str) -> Caller:
        """Whose token it is.

        Raises:
            NotAuthenticated: it is not valid for us, or says nobody whom we let in.
            ServiceUnavailable: the provider's keys cannot be had.
        """
        claims = await self._checked(token)
        rules = self._rules
        named = _at(claims, rules.organisation_claim)
        # A claim that is asked for and missing is not "the only organisation".
        if rules.organisation_claim is not None and not _is_text(named):
            raise NotAuthenticated(say("token_organisation", claim=rules.organisation_claim))
        organisation = await self._accounts.organisation_called(named if rules.organisation_claim else None)
        if organisation is None:
            raise NotAuthenticated(say("token_organisation", claim=rules.organisation_claim or "organisation"))
        user = await self._user(organisation.id, claims)
        if user.disabled_at is not None:
            raise NotAuthenticated(say("user_disabled"), holder=(organisation.id, user.id))
        role = Role(user.role)
        lasts_s = float(claims["exp"]) + LEEWAY_S - self._now().timestamp()
        return Caller(organisation.id, user.id, role, OPENED[role], user.id, lasts_s)

    async def _user(self, organisation_id: str, claims: dict[str, Any]) -> User:
        rules = self._rules
        role = greatest(self._roles(claims)) if rules.role_claim else None
        # Roles that the provider gives it also takes away.
        if rules.role_claim and role is None:
            role = rules.default_role
            if role is None:
                raise NotAuthenticated(say("token_role", claim=rules.role_claim), holder=(organisation_id, ""))
        return await self._users.met(organisation_id, _vouched(claims), role, rules.default_role)

    def _roles(self, claims: dict[str, Any]) -> list[Role]:
        told = _at(claims, self._rules.role_claim)
        names = told.split() if isinstance(told, str) and told not in self._rules.roles else told
        names = names if isinstance(names, list) else [names]
        known = {role.value: role for role in Role} | dict(self._rules.roles)
        return [known[name] for name in names if isinstance(name, str) and name in known]

    async def _checked(self, token: str) -> dict[str, Any]:
        """The claims of a token that the provider has signed, for us, and that has not expired."""
        try:
            header = extract_compact(token.encode()).headers()
            keys = await self._keys.having(header.get("kid"))
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            self._registry().validate(claims)
        except ExpiredTokenError as error:
            raise NotAuthenticated(say("token_expired")) from error
        except ClaimError as error:
            raise NotAuthenticated(say("token_claim", claim=error.claim)) from error
        # What is no token at all may fail anywhere in its reading.
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise NotAuthenticated(say("token_not_valid")) from error
        return claims

    def _registry(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(self._now().timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self._rules.issuer},
            aud={"essential": True, "values": [*self._rules.audiences]},
            exp={"essential": True},
            sub={"essential": True},
        )


def _vouched(claims: dict[str, Any]) -> Vouched:
    """The person as the provider tells of them; an address counts where it has been proved."""
    if not _is_text(claims["sub"]):
        raise NotAuthenticated(say("token_claim", claim="sub"))
    name = claims.get("name") or claims.get("preferred_username") or claims["sub"]
    email = claims.get("email") if claims.get("email_verified") is True else None
    clean = "".join(letter for letter in str(name) if letter.isprintable())[:NAME_CHARACTERS]
    return Vouched(claims["sub"], clean, email.lower() if _is_text(email) else None)


def _is_text(value: Any) -> TypeGuard[str]:
    """True for a short text without control characters, which databases do not store all of."""
    return isinstance(value, str) and value.isprintable() and 0 < len(value) <= TEXT_CHARACTERS


def _at(claims: dict[str, Any], path: str | None) -> Any:
    """The claim of that name; with dots in it also the one inside another, as in `realm_access.roles`."""
    if path is None or path in claims:
        return claims.get(path or "")
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found
