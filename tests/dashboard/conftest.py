"""The dashboard in this process, over the scripted API on a loopback port."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.dashboard.scripted_api import Script, running

APP = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"
OpenPage = Callable[..., AppTest]


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def api(script: Script, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with running(script) as url:
        monkeypatch.setenv("API_URL", url)
        monkeypatch.setenv("API_KEY", script.key)
        yield url


@pytest.fixture
def open_page(api: str) -> OpenPage:
    """A page as a reader finds it who comes with this URL: `open_page("plans", lang="zh")`."""

    def opened(page: str = "overview", **url: str) -> AppTest:
        app = AppTest.from_file(APP, default_timeout=30)
        for name, value in {"lang": "en", **url}.items():
            app.query_params[name] = value
        if page != "overview":
            app.switch_page(f"app_pages/{page}.py")
        return app.run()

    return opened
