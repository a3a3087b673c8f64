"""Files that plug-ins ask for: a folder of strict YAML, or one file, each checked by a model."""

from __future__ import annotations

from pathlib import Path

from bot.catalog import checking, yaml
from bot.catalog.checking import Model
from bot.catalog.problems import CatalogError, Problem


def read(place: Path, model: type[Model]) -> tuple[Model, ...]:
    """
    Read `place`, or each `*.yaml` in it, in the order of the names.

    CatalogError lists everything that is wrong, with file and line; a folder without one is wrong.
    """
    problems: list[Problem] = []
    found: list[Model] = []
    folder = place if place.is_dir() else place.parent
    files = sorted(folder.glob("*.yaml")) if place.is_dir() else [place]
    if not files:
        problems.append(Problem(str(place), 1, (), "no file ending in .yaml lies here"))
    for path in files:
        try:
            found.append(checking.check(yaml.read(path, folder), model))
        except CatalogError as error:
            problems += error.problems
    if problems:
        raise CatalogError(problems)
    return tuple(found)
