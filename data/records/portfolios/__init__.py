"""Saved portfolios, and every version of them."""
