"""From settings to the reader of an identity provider's tokens, where there is one."""

import httpx

from data.errors import BadSetting
from data.records.accounts.account_store import AccountStore
from data.records.accounts.user_store import UserStore
from data.wire.access import Role
from serve.http.access.signing_keys import SigningKeys
from serve.http.access.tokens import TokenReader, TokenRules
from serve.settings import Settings, parse_roles


def token_reader(settings: Settings, accounts: AccountStore, users: UserStore) -> TokenReader | None:
    """What lets people of the identity provider in; None where none is set.

    Raises:
        BadSetting: nothing says for whom its tokens are made: any of them would do, whichever service it was made for.
    """
    if settings.oidc_issuer is None:
        return None
    if settings.oidc_audience is None:
        raise BadSetting("OIDC_ISSUER needs OIDC_AUDIENCE: for whom its tokens are made, as in their `aud`")
    audiences = settings.oidc_audience.split(",")
    rules = TokenRules(
        settings.oidc_issuer,
        tuple(audience.strip() for audience in audiences if audience.strip()),
        settings.oidc_organisation_claim,
        settings.oidc_role_claim,
        parse_roles(settings.oidc_roles),
        None if settings.oidc_default_role == "none" else Role(settings.oidc_default_role),
    )
    return TokenReader(rules, SigningKeys(settings.oidc_issuer, httpx.AsyncClient()), accounts, users)
