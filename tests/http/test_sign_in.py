"""The whole way of a person: Streamlit sends them to the provider, and the API knows them by what they bring back."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from tenacity import Retrying, stop_after_delay, wait_fixed

from data.records.accounts.user_store import NewPerson
from data.wire.access import Role
from serve.api import build_api
from serve.composition.identity import token_reader
from serve.http.services import Services
from serve.settings import Settings
from tests import issuer as provider
from tests.issuer import AUDIENCE, CLIENT, Issuer

pytestmark = pytest.mark.anyio
DASHBOARD = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"
SECRET = "a secret of the cookies that is long enough"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with provider.running() as running:
        yield running


@pytest.fixture(scope="module")
def dashboard(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard as it is run, with the provider in its secrets; its address."""
    folder = tmp_path_factory.mktemp("dashboard")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secrets = folder / "secrets.toml"
    secrets.write_text(
        f"""[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "{SECRET}"
client_id = "{CLIENT}"
client_secret = "known to both"
server_metadata_url = "{issuer.url}/.well-known/openid-configuration"
expose_tokens = ["access"]
"""
    )
    flags = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(DASHBOARD), *flags, f"--secrets.files={secrets}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env={**os.environ, "HOME": str(folder)})
    address = f"http://127.0.0.1:{port}"
    try:
        for attempt in Retrying(stop=stop_after_delay(120), wait=wait_fixed(0.2), reraise=True):
            with attempt:
                httpx.get(f"{address}/_stcore/health", timeout=5, trust_env=False).raise_for_status()
        yield address
    finally:
        process.terminate()
        process.wait(30)


def cookie(client: httpx.Client, name: str) -> dict[str, str]:
    signed = client.cookies[name].strip('"')
    content = decode_signed_value(SECRET, name, signed)
    assert content is not None
    return json.loads(content)


async def test_a_person_signs_in_at_the_dashboard_and_the_api_knows_them(
    issuer: Issuer, dashboard: str, services: Services, house
):
    ann = await services.users.create(house.id, NewPerson("Ann", Role.VIEWER, subject="ann"))
    # As the button does: the way to the provider, signed by the dashboard.
    way = jwt.encode({"alg": "HS256"}, {"provider": "default", "exp": int(time.time()) + 60}, OctKey.import_key(SECRET))
    with httpx.Client(base_url=dashboard, follow_redirects=True, timeout=30, trust_env=False) as browser:
        arrived = browser.get("/auth/login", params={"provider": way})
        assert arrived.status_code == 200
        visited = [answer.url.path for answer in arrived.history]
        assert visited == ["/auth/login", "/authorize", "/oauth2callback"]
        assert cookie(browser, "_streamlit_user")["name"] == "Ann"
        token = cookie(browser, "_streamlit_user_tokens")["access_token"]
    tokens = token_reader(
        Settings.load(oidc_issuer=issuer.url, oidc_audience=AUDIENCE), services.accounts, services.users
    )
    assert tokens is not None
    transport = httpx.ASGITransport(build_api(replace(services, tokens=tokens)))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        headers = {"Authorization": f"Bearer {token}"}
        assert (await client.get("/v1/portfolios", headers=headers)).status_code == 200
        assert (await client.post("/v1/tasks", headers=headers)).json()["params"] == {
            "role": "analyst",
            "own": "viewer",
        }
    await tokens.close()
    await services.behind.close()
    rows, _ = await services.audit.page(house.id, limit=2)
    assert [(row.action, row.actor_kind, row.actor_id) for row in rows] == [
        ("access.refused", "user", ann.id),
        ("portfolio.listed", "user", ann.id),
    ]
