"""One measure a module, found by its name `MEASURE`: what is compared, with whom, how close."""

from __future__ import annotations

import importlib
import pkgutil

from bot.bench.measure import Measure


def every() -> list[Measure]:
    """Every measure, in the order of its number."""
    found = (importlib.import_module(f"{__name__}.{one.name}") for one in _modules())
    return sorted((module.MEASURE for module in found), key=lambda one: int(one.id[1:]))


def _modules() -> list[pkgutil.ModuleInfo]:
    return [one for one in pkgutil.iter_modules(__path__) if not one.name.startswith("_")]
