"""The strip on top of every page: portfolio, month, currency, monthly budget, language, and the service's light."""

from __future__ import annotations

from collections import Counter
from zlib import crc32

import streamlit as st
from babel.numbers import get_currency_precision

from dashboard.asking.client import ApiError
from dashboard.holding import sign_in
from dashboard.holding.answers import client, comparison, now_and_then
from dashboard.holding.samples import load_sample
from dashboard.holding.session import Shown, namer, session, t, words
from dashboard.text import LANGUAGES, escaped
from data.wire.model import ModelView

LIGHT_EVERY_S = 10.0
OFFLINE = "offline"


def strip() -> None:
    """Draw the strip."""
    with st.container(key="strip", horizontal=True, vertical_alignment="bottom"):
        _portfolio()
        _month_and_currency()
        _budget()
        _language()
        st.space("stretch")
        _person()
        _light()


def offline_banner() -> None:
    """Say so while no language model is configured: the built-in narrator writes then."""
    try:
        models = now_and_then("models", client().models, every_s=60)
    except ApiError:
        return
    if is_offline(models):
        st.info(escaped(t("banner.offline")))


def is_offline(models: list[ModelView]) -> bool:
    """True where the model in use is the offline narrator."""
    return all(model.name == OFFLINE for model in models if model.is_default)


def _portfolio() -> None:
    """The portfolios at hand. Streamlit knows an option by its label, so labels differ and stand in the key."""
    state = session()
    names = _names(state.shelf)
    # The key changes with the options, or Streamlit would keep a choice that is gone.
    key = f"strip_portfolio_{crc32('/'.join(names).encode())}_{state.chosen}"
    with st.container(width=300):
        st.selectbox(
            t("strip.portfolio"),
            range(len(names)),
            index=state.chosen if names else None,
            format_func=names.__getitem__,
            key=key,
            placeholder=t("strip.no_portfolio"),
            disabled=not names,
            on_change=_choose,
            args=(key,),
        )


def _choose(key: str) -> None:
    session().choose(int(st.session_state[key]))


def _names(shelf: list[Shown]) -> list[str]:
    titles = [shown.title + (t("strip.changed") if shown.is_changed else "") for shown in shelf]
    times = Counter(titles)
    return [title if times[title] == 1 else f"{title} · {place}" for place, title in enumerate(titles, 1)]


def _month_and_currency() -> None:
    shown = session().shown
    if shown is None:
        return
    start = shown.portfolio.start or _planned_start()
    for name, value in (("as_of", words().month(start)), ("currency", shown.portfolio.currency)):
        with st.container(key=f"strip_fact_{name}", width="content"):
            st.markdown(f"{escaped(t(f'strip.{name}'))}\n\n**{escaped(value)}**", width="content")


def _planned_start() -> str | None:
    shown = session().shown
    try:
        plans = comparison(shown.portfolio).value.plans if shown else []
    except ApiError:
        return None
    return plans[0].start if plans else None


def _budget() -> None:
    state = session()
    if state.shown is None:
        return
    budget = state.shown.portfolio.budget
    held = float(budget.monthly) if budget and budget.monthly is not None else None
    key = f"strip_budget_{state.chosen}_{state.grid_generation}_{held}"
    is_extra = budget is not None and budget.mode == "extra"
    digits = get_currency_precision(state.shown.portfolio.currency)
    with st.container(width=170):
        st.number_input(
            t("strip.budget_extra" if is_extra else "strip.budget"),
            min_value=0.0,
            max_value=1e12,
            value=held,
            step=50.0 if digits else 5_000.0,
            format=f"%.{digits}f",
            key=key,
            placeholder=t("strip.no_budget"),
            on_change=lambda: state.change_budget(st.session_state[key]),
        )


def _language() -> None:
    state = session()
    key = f"strip_language_{state.language}"
    with st.container(width=190):
        st.segmented_control(
            t("strip.language"),
            LANGUAGES,
            default=state.language,
            required=True,
            format_func=namer("language"),
            key=key,
            on_change=lambda: _speak(st.session_state[key]),
        )


def _speak(language: str) -> None:
    """Change the language; a sample that nobody touched changes with it."""
    state = session()
    if language == state.language:
        return
    state.language = language
    state.grid_generation += 1
    shown = state.shown
    if shown is not None and shown.source == "sample" and not shown.is_changed:
        load_sample()


def _person() -> None:
    """Who has signed in, and the way out; nothing where nobody need."""
    if not sign_in.is_needed():
        return
    with st.container(key="strip_person", width="content"):
        st.button(t("sign_in.end", name=sign_in.name()), key="sign_out", on_click=sign_in.end)


@st.fragment(run_every=LIGHT_EVERY_S)
def _light() -> None:
    # Half the beat of the light: no answer is shown twice.
    is_ready = now_and_then("ready", client().is_ready, every_s=LIGHT_EVERY_S / 2)
    colour = "green" if is_ready else "red"
    with st.container(key="light", width="content"):
        st.markdown(f":{colour}[●] {escaped(t('light.up' if is_ready else 'light.down'))}", width="content")
