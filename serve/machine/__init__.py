"""The whole service on one machine: what `serve/local.py` starts, watches and stops."""
