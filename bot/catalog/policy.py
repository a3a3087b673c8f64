"""Policy from disk: the same strict reading for whatever model the policy's rules bring."""

from __future__ import annotations

from pathlib import Path

from bot.catalog import checking, yaml
from bot.catalog.checking import Model


def load_model(path: Path, model: type[Model], inside: Path | None = None) -> Model:
    """
    Read one file of policy as its model; CatalogError lists all that is wrong with it.

    A link that leads out of `inside` (its own directory, unless given) is refused.
    """
    return checking.check(yaml.read(path, inside or path.parent), model)
