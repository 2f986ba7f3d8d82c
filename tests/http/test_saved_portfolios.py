import httpx
import pytest

pytestmark = pytest.mark.anyio


@pytest.fixture
async def saved(client: httpx.AsyncClient, portfolio: dict) -> dict:
    answer = await client.post("/v1/portfolios", json={"title": "客户 42", "portfolio": portfolio})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/v1/portfolios/{answer.json()['id']}"
    return answer.json()


async def test_a_saved_portfolio_is_read_again_with_its_etag(client: httpx.AsyncClient, saved: dict):
    answer = await client.get(f"/v1/portfolios/{saved['id']}")
    assert answer.headers["etag"] == '"1"'
    assert answer.json() == saved
    assert saved["title"] == "客户 42"
    assert saved["portfolio"]["debts"][1]["balance"] == "9000.00"


async def test_a_change_needs_the_version_that_was_read(client: httpx.AsyncClient, saved: dict, portfolio: dict):
    path, body = f"/v1/portfolios/{saved['id']}", {"title": "New", "portfolio": portfolio}
    unnamed = await client.put(path, json=body)
    assert unnamed.status_code == 428
    assert '"1"' in unnamed.json()["detail"]
    changed = await client.put(path, json=body, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"], changed.json()["version"]) == (200, '"2"', 2)
    outdated = await client.put(path, json=body, headers={"If-Match": '"1"'})
    assert outdated.status_code == 412
    assert (await client.put(path, json=body, headers={"If-Match": "*"})).json()["version"] == 3
    garbled = await client.put(path, json=body, headers={"If-Match": '"one"'})
    assert (garbled.status_code, garbled.json()["errors"][0]["path"]) == (422, "If-Match")


async def test_a_deleted_portfolio_is_gone(client: httpx.AsyncClient, saved: dict):
    path = f"/v1/portfolios/{saved['id']}"
    assert (await client.delete(path, headers={"If-Match": '"9"'})).status_code == 412
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404
    assert (await client.delete(path)).status_code == 404


async def test_another_houses_portfolio_is_not_there(stranger: httpx.AsyncClient, saved: dict, portfolio: dict):
    path, body = f"/v1/portfolios/{saved['id']}", {"title": "Mine", "portfolio": portfolio}
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.put(path, json=body, headers={"If-Match": '"1"'})).status_code == 404
    assert (await stranger.delete(path)).status_code == 404
    assert (await stranger.get("/v1/portfolios")).json() == {"items": [], "next": None}
    task = {"type": "debt_analysis", "portfolio_id": saved["id"]}
    assert (await stranger.post("/v1/tasks", json=task)).status_code == 404


async def test_lists_go_on_where_the_cursor_says(client: httpx.AsyncClient, portfolio: dict):
    for number in range(5):
        await client.post("/v1/portfolios", json={"title": f"P{number}", "portfolio": portfolio})
    titles, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/portfolios", params=query)).json()
        titles += [item["title"] for item in page["items"]]
        assert "portfolio" not in page["items"][0]
        cursor = page["next"]
        if cursor is None:
            break
    assert titles == ["P4", "P3", "P2", "P1", "P0"]
    wrong = await client.get("/v1/portfolios?cursor=made-up")
    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (422, "cursor")


async def test_repeating_a_creation_with_its_key_makes_no_second(client: httpx.AsyncClient, portfolio: dict):
    headers, body = {"Idempotency-Key": "abc"}, {"title": "Once", "portfolio": portfolio}
    first = await client.post("/v1/portfolios", json=body, headers=headers)
    again = await client.post("/v1/portfolios", json=body, headers=headers)
    assert first.json() == again.json()
    assert len((await client.get("/v1/portfolios")).json()["items"]) == 1
    other = await client.post("/v1/portfolios", json=body | {"title": "Twice"}, headers=headers)
    assert other.status_code == 409


async def test_an_unknown_field_beside_the_portfolio_is_refused(client: httpx.AsyncClient, portfolio: dict):
    answer = await client.post("/v1/portfolios", json={"title": "T", "portfolio": portfolio, "owner": "x"})
    assert [entry["path"] for entry in answer.json()["errors"]] == ["owner"]
