"""People who come with a token of an identity provider: who is let in as what, and who is not."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from data.errors import BadSetting
from data.records.accounts.user_store import NewPerson
from data.wire.access import Role
from serve.api import build_api
from serve.composition.identity import token_reader
from serve.http.access import signing_keys
from serve.http.access.signing_keys import SigningKeys
from serve.http.access.tokens import TokenReader
from serve.http.services import Services
from serve.settings import Settings
from tests import issuer as provider
from tests.issuer import AUDIENCE, Issuer, new_key

pytestmark = pytest.mark.anyio
OTHER_KEY = new_key("first")


@pytest.fixture(scope="module")
def running_issuer() -> Iterator[Issuer]:
    with provider.running() as issuer:
        yield issuer


@pytest.fixture
def issuer(running_issuer: Issuer) -> Issuer:
    fresh = Issuer(url=running_issuer.url, key=new_key("first"))
    running_issuer.__dict__.update(fresh.__dict__)
    return running_issuer


Let = Callable[..., Any]


@pytest.fixture
def let_in(services: Services, issuer: Issuer) -> Let:
    """The API with these settings of the provider, as `let_in(oidc_role_claim="roles")`."""

    @asynccontextmanager
    async def built(**settings: Any) -> AsyncIterator[httpx.AsyncClient]:
        known = {"oidc_issuer": issuer.url, "oidc_audience": AUDIENCE} | settings
        tokens = token_reader(Settings.load(**known), services.accounts, services.users)
        app = build_api(replace(services, tokens=tokens))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            yield client
        assert tokens is not None
        await tokens.close()
        await services.behind.close()

    return built


async def ask(client: httpx.AsyncClient, token: str, path: str = "/v1/tasks", method: str = "GET") -> httpx.Response:
    return await client.request(method, path, headers={"Authorization": f"Bearer {token}"}, json=None)


async def refusal(client: httpx.AsyncClient, token: str) -> str:
    answer = await ask(client, token)
    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"] == "Bearer"
    return answer.json()["code"]


async def test_a_person_whom_an_administrator_made_known_is_let_in_with_their_role(
    let_in: Let, issuer: Issuer, services: Services, house
):
    ann = await services.users.create(house.id, NewPerson("Ann", Role.ANALYST, "ann@example.org"))
    async with let_in() as client:
        # An address that nobody has proved is nobody's.
        assert await refusal(client, issuer.token(email="ann@example.org")) == "person_unknown"
        token = issuer.token(email="Ann@example.org", email_verified=True)
        made = await client.post(
            "/v1/tasks",
            json={"type": "financial_advice", "question": "?"},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert made.status_code == 202, made.text
        # From now on by their subject, whatever the address.
        assert (await ask(client, issuer.token())).status_code == 200
        answer = await ask(client, token, "/v1/keys")
        assert (answer.status_code, answer.json()["params"]) == (403, {"role": "admin", "own": "analyst"})
    task = await services.tasks.get(made.json()["id"], house.id)
    assert task.key_id == ann.id
    rows = {row.action: row for row in (await services.audit.page(house.id))[0]}
    assert (rows["task.created"].actor_kind, rows["task.created"].actor_id) == ("user", ann.id)
    assert [user.subject for user in await services.users.list(house.id)] == ["ann"]


async def test_the_providers_roles_and_organisations_are_ours(let_in: Let, issuer: Issuer, services: Services, house):
    other = await services.accounts.create_organisation("Other", "other-house")
    settings = {
        "oidc_organisation_claim": "org",
        "oidc_role_claim": "realm_access.roles",
        "oidc_roles": "Debt staff=analyst, Debt heads=admin",
    }
    async with let_in(**settings) as client:
        boss = issuer.token(org=house.id, realm_access={"roles": ["offline_access", "Debt staff", "Debt heads"]})
        assert (await ask(client, boss, "/v1/users")).json()["items"][0]["role"] == "admin"
        there = issuer.token(org="other-house", realm_access={"roles": ["viewer"]})
        assert (await ask(client, there)).status_code == 200
        assert (await ask(client, there, "/v1/users")).status_code == 403
        # What the provider gave it takes away.
        clerk = issuer.token(org=house.id, realm_access={"roles": "Debt staff"}, jti="later")
        assert (await ask(client, clerk, "/v1/users")).status_code == 403
        for token, code in (
            (issuer.token(org="nowhere", realm_access={"roles": ["viewer"]}), "token_organisation"),
            (issuer.token(realm_access={"roles": ["viewer"]}), "token_organisation"),
            (issuer.token(org=["other-house"], realm_access={"roles": ["viewer"]}), "token_organisation"),
            (issuer.token(org="a\x00b", realm_access={"roles": ["viewer"]}), "token_organisation"),
            (issuer.token(org=house.id, realm_access={"roles": ["owner", 5]}), "token_role"),
            (issuer.token(org=house.id), "token_role"),
        ):
            assert await refusal(client, token) == code
    assert [(user.subject, user.role) for user in await services.users.list(house.id)] == [("ann", "analyst")]
    assert [(user.subject, user.role) for user in await services.users.list(other.id)] == [("ann", "viewer")]


async def test_whom_nobody_gives_a_role_gets_the_default_one(let_in: Let, issuer: Issuer, services: Services, house):
    async with let_in(oidc_default_role="viewer") as client:
        assert (await ask(client, issuer.token())).status_code == 200
    assert [(user.name, user.role) for user in await services.users.list(house.id)] == [("Ann", "viewer")]


async def test_a_disabled_person_is_let_in_no_more(let_in: Let, issuer: Issuer, services: Services, house):
    ann = await services.users.create(house.id, NewPerson("Ann", Role.VIEWER, subject="ann"))
    async with let_in() as client:
        assert (await ask(client, issuer.token())).status_code == 200
        await services.users.change(ann.id, house.id, is_disabled=True)
        # Another token, for the first one is known for some seconds.
        assert await refusal(client, issuer.token(jti="2")) == "user_disabled"


def unsigned(claims: dict[str, Any], alg: str = "none") -> str:
    parts = ({"alg": alg, "typ": "JWT", "kid": "first"}, claims)
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


def signed_with_the_public_key(issuer: Issuer) -> str:
    """The old trick: the public key taken for a shared secret."""
    content = unsigned(issuer.claims(), "HS256").rstrip(".")
    signature = hmac.digest(issuer.key.as_pem(private=False), content.encode(), "sha256")
    return f"{content}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


WRONG: dict[str, tuple[Callable[[Issuer], str], str]] = {
    "another issuer": (lambda on: on.token(iss="https://evil.example"), "token_claim"),
    "an issuer almost the same": (lambda on: on.token(iss=on.url + "/"), "token_claim"),
    "no issuer": (lambda on: on.token(iss=None), "token_claim"),
    "another audience": (lambda on: on.token(aud="another-service"), "token_claim"),
    "other audiences": (lambda on: on.token(aud=["a", "b"]), "token_claim"),
    "no audience": (lambda on: on.token(aud=None), "token_claim"),
    "expired": (lambda on: on.token(exp=int(time.time()) - 60), "token_expired"),
    "no end": (lambda on: on.token(exp=None), "token_claim"),
    "an end that is none": (lambda on: on.token(exp="tomorrow"), "token_claim"),
    "not yet valid": (lambda on: on.token(nbf=int(time.time()) + 600), "token_claim"),
    "nobody": (lambda on: on.token(sub=None), "token_claim"),
    "a strange somebody": (lambda on: on.token(sub="a\x00b"), "token_claim"),
    "alg none": (lambda on: unsigned(on.claims()), "token_not_valid"),
    "alg None": (lambda on: unsigned(on.claims(), "None"), "token_not_valid"),
    "the public key as a secret": (signed_with_the_public_key, "token_not_valid"),
    "unknown kid": (lambda on: on.token(key=new_key("unknown")), "token_not_valid"),
    "another key of that name": (lambda on: on.token(key=OTHER_KEY), "token_not_valid"),
    "changed content": (lambda on: swapped_payload(on.token(), on.token(sub="boss")), "token_not_valid"),
    "no signature": (lambda on: on.token().rpartition(".")[0] + ".", "token_not_valid"),
    "no token": (lambda on: "a.b.c", "token_not_valid"),
    "dots": (lambda on: "..", "token_not_valid"),
}


def swapped_payload(token: str, other: str) -> str:
    head, _, tail = token.split(".")
    return f"{head}.{other.split('.')[1]}.{tail}"


@pytest.mark.parametrize("how", WRONG)
async def test_a_token_that_is_not_meant_for_us_lets_nobody_in(
    let_in: Let, issuer: Issuer, services: Services, house, how: str
):
    make, code = WRONG[how]
    async with let_in(oidc_default_role="admin") as client:
        assert await refusal(client, make(issuer)) == code
        assert (await ask(client, issuer.token())).status_code == 200
    (row,), _ = await services.audit.page("")
    assert (row.action, row.detail["why"]) == ("login.refused", code)


async def test_a_token_ends_when_it_says_so_though_it_is_known(issuer: Issuer, services: Services, house):
    now = services.now().timestamp()
    reader = token_reader(
        Settings.load(oidc_issuer=issuer.url, oidc_audience=AUDIENCE, oidc_default_role="viewer"),
        services.accounts,
        services.users,
    )
    assert reader is not None
    reader._now = services.now
    caller = await reader.caller(issuer.token(iat=int(now), exp=int(now) + 1))
    assert caller.lasts_s is not None
    assert 30 <= caller.lasts_s <= 32
    await reader.close()


async def test_a_new_key_of_the_provider_is_fetched_once_and_an_old_one_forgotten(
    let_in: Let, issuer: Issuer, house, monkeypatch: pytest.MonkeyPatch
):
    old = issuer.key
    async with let_in(oidc_default_role="viewer") as client:
        for n in range(3):
            assert (await ask(client, issuer.token(jti=str(n)))).status_code == 200
        assert issuer.keys_asked == 1
        issuer.key = new_key("second")
        # Made-up names do not make us ask again and again.
        for n in range(5):
            await refusal(
                client, issuer.token(key=new_key(f"made-up {n}") if n == 0 else OTHER_KEY, header={"kid": f"x{n}"})
            )
        assert issuer.keys_asked == 1
        monkeypatch.setattr(signing_keys, "PAUSE_S", 0.0)
        assert (await ask(client, issuer.token())).status_code == 200
        assert issuer.keys_asked == 2
        assert await refusal(client, issuer.token(key=old, jti="old")) == "token_not_valid"


async def test_a_provider_that_is_down_is_an_outage_until_its_keys_are_known(
    let_in: Let, issuer: Issuer, house, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(signing_keys, "PAUSE_S", 0.0)
    async with let_in(oidc_default_role="viewer") as client:
        issuer.is_down = True
        answer = await ask(client, issuer.token())
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        issuer.is_down = False
        assert (await ask(client, issuer.token())).status_code == 200
        issuer.is_down = True
        monkeypatch.setattr(signing_keys, "KEEP_S", 0.0)
        assert (await ask(client, issuer.token(jti="2"))).status_code == 200


async def test_a_provider_that_calls_itself_otherwise_is_not_believed(let_in: Let, issuer: Issuer, house):
    issuer.says_issuer = "https://evil.example"
    async with let_in(oidc_default_role="viewer") as client:
        assert (await ask(client, issuer.token())).status_code == 503


async def test_keys_go_on_beside_tokens_and_tokens_are_nothing_without_a_provider(
    let_in: Let, issuer: Issuer, client: httpx.AsyncClient, house
):
    async with let_in() as both:
        assert (await ask(both, house.plain_key)).status_code == 200
    assert await refusal(client, issuer.token()) == "key_unknown"


async def test_keys_by_curves_are_known_too(issuer: Issuer, services: Services, house):
    issuer.key = ECKey.generate_key("P-256", {"kid": "curve", "use": "sig", "alg": "ES256"}, private=True)  # type: ignore[assignment]
    keys = SigningKeys(issuer.url, http := httpx.AsyncClient())
    token = jwt.encode({"alg": "ES256", "kid": "curve"}, issuer.claims(), issuer.key)
    assert jwt.decode(token, await keys.having("curve"), algorithms=["ES256"]).claims["sub"] == "ann"
    await http.aclose()
    assert not isinstance(issuer.key, RSAKey)
    assert TokenReader.is_token(token)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("oidc_issuer", "http://id.example.org"),
        ("oidc_issuer", "id.example.org"),
        ("oidc_roles", "Heads"),
        ("oidc_roles", "Heads=owner"),
        ("oidc_default_role", "owner"),
    ],
)
def test_a_setting_that_cannot_work_is_named(name: str, value: str):
    with pytest.raises(BadSetting, match=name.upper()):
        Settings.load(**{name: value})


async def test_a_provider_without_an_audience_is_refused(services: Services):
    with pytest.raises(BadSetting, match="OIDC_AUDIENCE"):
        token_reader(Settings.load(oidc_issuer="https://id.example.org"), services.accounts, services.users)
