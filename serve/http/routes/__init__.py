"""The endpoint's routes, one subject a file."""
