"""Parsed rows, and the portfolios they come together as."""
