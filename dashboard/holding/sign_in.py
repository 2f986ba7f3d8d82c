"""Who is at the dashboard: whom an identity provider has signed in, where one is set; else nobody in particular.

Streamlit does the signing in, by `[auth]` in its secrets; the API is then asked with the person's own access token.
"""

from __future__ import annotations

import streamlit as st


def is_needed() -> bool:
    """True where the operator has set an identity provider."""
    return st.secrets.load_if_toml_exists() and "auth" in st.secrets


def is_signed_in() -> bool:
    """True once the provider has said who it is."""
    return bool(st.user.get("is_logged_in", False))


def access_token() -> str | None:
    """What the API knows the person by; None where Streamlit keeps it to itself (`expose_tokens` in its secrets)."""
    return st.user.tokens.get("access")


def name() -> str:
    """What the person is called."""
    told = st.user.get("name") or st.user.get("email") or ""
    return str(told)


def begin() -> None:
    """Send the browser to the identity provider."""
    st.login()


def end() -> None:
    """Sign the person out."""
    st.logout()
