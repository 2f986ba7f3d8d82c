"""The arithmetic of debts: pure functions, no clock, no network, no database."""
