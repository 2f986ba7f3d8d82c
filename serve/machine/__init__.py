"""The whole service on one machine: what `serve/machine/local.py` starts, watches and stops."""
