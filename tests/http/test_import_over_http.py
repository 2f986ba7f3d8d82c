from dataclasses import replace
from urllib.parse import quote

import httpx
import pytest

from serve.api import build_api
from serve.http.services import Services

pytestmark = pytest.mark.anyio

CHINESE = "名称,类型,余额,年利率,最低还款\n招商银行,信用卡,1.2万,18.25%,600\n借呗,消费贷,abc,15%,\n"


async def test_a_chinese_file_in_gb18030_is_read_and_its_bad_row_named(client: httpx.AsyncClient):
    answer = await client.post(
        "/v1/portfolios/import",
        content=CHINESE.encode("gb18030"),
        headers={
            "Content-Type": "text/csv",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote('六笔债务.csv')}",
        },
    )
    assert answer.status_code == 200, answer.text
    body = answer.json()
    (portfolio,) = body["portfolios"]
    assert portfolio["id"] == "六笔债务"
    assert [debt["name"] for debt in portfolio["debts"]] == ["招商银行"]
    assert portfolio["debts"][0]["balance"] == "12000.00"
    (reject,) = body["rejects"]
    assert (reject["row"], reject["column"], reject["value"]) == (3, "balance", "abc")


async def test_names_in_four_bytes_of_gb18030_are_read_from_a_form_as_a_browser_sends_it(client: httpx.AsyncClient):
    content = "name,balance,apr\n𠮷,1,1\n䶮,1,1\n㛃,1,1\n𫘧,1,1\n".encode("gb18030")
    answer = await client.post("/v1/portfolios/import", files={"file": ("clients.csv", content, "text/csv")})
    assert [debt["name"] for debt in answer.json()["portfolios"][0]["debts"]] == ["𠮷", "䶮", "㛃", "𫘧"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Disposition": 'attachment; filename="six debts.csv"'},
        {"Content-Disposition": 'attachment; filename="C:\\\\clients\\\\six debts.csv"'},
        {},
    ],
)
async def test_the_files_name_comes_from_the_header_or_the_query(client: httpx.AsyncClient, headers: dict):
    query = {} if headers else {"name": "six debts.csv"}
    answer = await client.post(
        "/v1/portfolios/import", content="name,balance,apr\nVisa,100,20%\n", headers=headers, params=query
    )
    assert answer.json()["portfolios"][0]["id"] == "six debts"


async def test_a_form_with_a_chinese_file_name_is_read(client: httpx.AsyncClient):
    files = {"file": ("六笔债务.csv", CHINESE.encode(), "text/csv")}
    answer = await client.post("/v1/portfolios/import", files=files)
    assert answer.json()["portfolios"][0]["id"] == "六笔债务"


async def test_a_large_file_is_answered_in_pieces_and_whole(services: Services, house, calling):
    settings = services.settings.model_copy(update={"upload_limit_bytes": 5_000_000})
    rows = "".join(f"C{n // 3},{'Card ' * 15}{n % 3},{n + 1}.50,{n % 30}\n" for n in range(12_000))
    content = f"client,name,balance,apr\n{rows}Z,Visa,x,1\n".encode()
    async with calling(build_api(replace(services, settings=settings)), house.plain_key) as client:
        answer = await client.post("/v1/portfolios/import", content=content, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 200
    assert answer.headers["content-length"] == str(len(answer.content))
    body = answer.json()
    assert [portfolio["id"] for portfolio in body["portfolios"]] == [f"C{n}" for n in range(4_000)]
    assert [reject["row"] for reject in body["rejects"]] == [12_002]


async def test_a_promotion_that_is_over_is_left_out_with_a_warning_and_its_debt_kept(client: httpx.AsyncClient):
    rows = "name,balance,apr,promo_apr,promo_until\nVisa,100,20%,0,2027-02\nStore,100,20%,0,2027-03\n"
    body = (await client.post("/v1/portfolios/import", content=rows, headers={"Content-Type": "text/csv"})).json()
    promos = [debt["promo"] for debt in body["portfolios"][0]["debts"]]
    assert [promo and promo["until"] for promo in promos] == [None, "2027-03"]
    (warning,) = body["warnings"]
    assert (warning["row"], warning["column"]) == (2, "promo_until")
    assert warning["reason"].startswith("the promotion ended before 2027-03; it was left out")


async def test_a_form_without_a_file_is_refused(client: httpx.AsyncClient):
    answer = await client.post("/v1/portfolios/import", data={"a": "b"}, files={"x": (None, "text")})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "file")


async def test_a_form_that_is_broken_is_refused(client: httpx.AsyncClient):
    answer = await client.post(
        "/v1/portfolios/import", content=b"junk", headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert answer.status_code in (400, 422)
    assert answer.json()["title"]


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7 not a table", b"name,balance,apr\n", b"\x00\x01\x02\x03", b"PK\x03\x04 broken"]
)
async def test_a_file_that_is_no_table_is_one_clear_problem(client: httpx.AsyncClient, content: bytes):
    answer = await client.post("/v1/portfolios/import", content=content, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 422, answer.text
    assert answer.json()["title"] == "Unreadable file"
    assert answer.json()["detail"].endswith(".")


@pytest.mark.parametrize("is_form", [True, False])
async def test_a_file_over_the_limit_is_refused(client: httpx.AsyncClient, is_form: bool):
    content = b"name,balance,apr\n" + b"Visa,100,20%\n" * 3_000
    how = {"files": {"file": ("big.csv", content)}} if is_form else {"content": content}
    answer = await client.post("/v1/portfolios/import", **how)
    assert answer.status_code == 413
    assert "20,000 bytes" in answer.json()["detail"]


async def test_a_form_of_untold_length_is_refused_while_it_is_read(client: httpx.AsyncClient):
    sent = 0

    async def endless():
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        while True:
            sent += 1
            yield b"x" * 5_000

    answer = await client.post(
        "/v1/portfolios/import", content=endless(), headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert answer.status_code == 413
    assert sent < 10


async def test_nothing_is_stored_by_an_import(client: httpx.AsyncClient):
    await client.post("/v1/portfolios/import", content="name,balance,apr\nVisa,100,20%\n")
    assert (await client.get("/v1/portfolios")).json()["items"] == []
