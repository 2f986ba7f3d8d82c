"""The whole product as `debt-optimizer up` starts it, and a Chromium in front of its dashboard."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.browser.reader import HEIGHT, WIDTH, Reader
from tests.journeys.house import Service

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOCALES = {"en": "en-US", "zh": "zh-CN"}
OpenReader = Callable[..., Reader]


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = Service(tmp_path_factory.mktemp("product") / "state")
    service.up()
    try:
        yield service
    finally:
        service.down()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture
def reader(product: Service, playwright: Playwright, tmp_path: Path) -> Iterator[OpenReader]:
    """Opens a window in a language: `reader("zh")`; at the end no window may have done what a page must not do."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    opened: list[Reader] = []

    with ExitStack() as windows:

        def opens(language: str = "en", *, width: int = WIDTH) -> Reader:
            context = playwright.chromium.launch_persistent_context(
                tmp_path / f"profile-{len(opened)}",
                executable_path=chromium,
                args=FLAGS,
                locale=LOCALES[language],
                viewport={"width": width, "height": HEIGHT},
                accept_downloads=True,
            )
            windows.callback(context.close)
            context.add_init_script("delete window.showSaveFilePicker")
            context.set_default_timeout(30_000)
            window = Reader(context.pages[0], f"http://127.0.0.1:{product.dashboard_port}", language)
            window.watch()
            opened.append(window)
            return window

        yield opens
    assert [fault for window in opened for fault in window.faults] == []
