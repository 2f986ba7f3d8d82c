"""Signing in at the dashboard, where the operator asks for it: nothing before, and then as oneself."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.dashboard.conftest import APP, OpenPage
from tests.dashboard.scripted_api import Script
from tests.dashboard.test_pages import text_of

AUTH = {"auth": {"client_id": "dashboard"}}


@pytest.fixture
def open_as(api: str, script: Script, monkeypatch: pytest.MonkeyPatch):
    """The overview where signing in is asked for; the API knows Ann's token, and the dashboard's own key as well."""
    own_key, script.key = script.key, "token-of-ann"
    monkeypatch.setenv("API_KEY", own_key)

    def opened(**user: object) -> AppTest:
        app = AppTest.from_file(APP, default_timeout=30)
        app.secrets = AUTH
        app.query_params["lang"] = "en"
        app.user = user
        return app.run()

    return opened


def test_nobody_need_sign_in_where_no_provider_is_set(open_page: OpenPage):
    app = open_page()
    assert len(app.metric) == 7
    assert not [button for button in app.button if button.key in ("sign_in", "sign_out")]


def test_nothing_is_shown_before_somebody_has_signed_in(open_as):
    app = open_as(is_logged_in=False)
    assert not app.exception
    assert [button.label for button in app.button] == ["Sign in"]
    assert not app.metric
    assert not app.selectbox


def test_the_api_is_asked_with_the_persons_own_token(open_as):
    app = open_as(is_logged_in=True, name="Ann *Li*", tokens={"access": "token-of-ann"})
    assert not app.exception
    assert not app.error
    assert len(app.metric) == 7
    assert app.button(key="sign_out").label.replace("\\", "") == "Sign out Ann *Li*"


def test_a_token_that_has_ended_asks_to_sign_in_again(open_as):
    app = open_as(is_logged_in=True, name="Ann", tokens={"access": "an old one"})
    shown = text_of(app)
    assert "Sign in again" in shown
    assert "API_KEY" not in shown


def test_the_dashboards_key_never_stands_in_for_a_person(open_as, script: Script):
    script.key = "key"
    app = open_as(is_logged_in=True, name="Ann", tokens={})
    assert "expose_tokens" in text_of(app)
    assert not app.metric


def test_what_a_role_does_not_open_is_told_in_the_services_words(open_page: OpenPage, script: Script):
    script.fault = "forbidden"
    shown = text_of(open_page("plans"))
    assert "This needs the role analyst; yours is viewer." in shown
    assert "API_KEY" not in shown
