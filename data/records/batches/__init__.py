"""Batches: what came, how far it is, how it ended."""
