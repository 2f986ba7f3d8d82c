"""A reader at a browser: opens pages, waits for what can be read, and notes everything a page must not do."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page, Request, Response

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "test-output"
DOCS = ROOT / "docs" / "images"
# Streamlit asks these under the page's own address first and then at the root.
ALLOWED_404 = re.compile(r"/(portfolios|plans|agent|batch|overview)/_stcore/(health|host-config)$")
WIDTH, HEIGHT, MOST_HEIGHT = 1360, 900, 6000
SCRIPT_RESTS = "document.querySelector('[data-testid=stApp]')?.getAttribute('data-test-script-state') === 'notRunning'"
CONTENT_HEIGHT = "document.querySelector('[data-testid=stMain]')?.scrollHeight ?? 900"


@dataclass
class Reader:
    """One browser window on the dashboard."""

    page: Page
    origin: str
    language: str
    faults: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note errors on the console, failed answers, and requests that leave the origin."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def open(self, path: str = "/") -> None:
        self.page.goto(self.origin + path)
        self.page.wait_for_selector("[data-testid=stApp]")
        self.rest()

    def rest(self) -> None:
        """Wait until the page's script has run."""
        self.page.wait_for_timeout(300)  # the browser's own debounce before it tells the server
        self.page.wait_for_function(SCRIPT_RESTS, timeout=60_000)

    def go(self, name: str) -> None:
        """Follow a link of the navigation."""
        self.page.get_by_role("link", name=name, exact=True).click()
        self.page.get_by_role("heading", name=name, exact=True, level=1).wait_for()
        self.rest()

    def read(self, text: str, *, within_s: float = 30) -> None:
        """Wait until the text can be read; tables repeat theirs in hidden cells, which nobody reads."""
        self.page.get_by_text(text).filter(visible=True).first.wait_for(timeout=within_s * 1000)

    def picture(self, name: str) -> None:
        """Keep the whole page as test output."""
        self.page.mouse.move(0, 0)
        for _ in range(2):  # what comes into view may need more room than it seemed
            height = min(max(self.page.evaluate(CONTENT_HEIGHT) + 10, HEIGHT), MOST_HEIGHT)
            self.page.set_viewport_size({"width": WIDTH, "height": height})
            self.rest()
        OUTPUT.mkdir(exist_ok=True)
        self.page.screenshot(path=OUTPUT / f"{name}-{self.language}.png", animations="disabled")
        if name == "overview" and self.language == "en" and os.environ.get("DOCS_IMAGES"):
            DOCS.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=DOCS / "dashboard.png", animations="disabled")
        self.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})

    def _console(self, message: ConsoleMessage) -> None:
        is_allowed = "404" in message.text and ALLOWED_404.search(message.location.get("url", "").partition("?")[0])
        if message.type == "error" and not is_allowed:
            self.faults.append(f"console: {message.text} ({message.location.get('url')})")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, self.origin.replace("http", "ws"), "data:", "blob:")):
            self.faults.append(f"left the origin: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and not ALLOWED_404.search(response.url.partition("?")[0]):
            self.faults.append(f"{response.status} {response.url}")
