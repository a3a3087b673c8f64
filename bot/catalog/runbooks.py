"""Runbooks from disk: all of a directory or, with every problem of every file, none of it."""

from __future__ import annotations

from pathlib import Path

from bot.catalog import calls, checking, yaml
from bot.catalog.calls import KnownNames
from bot.catalog.problems import CatalogError, Document, Problem
from bot.core import spelling
from bot.core.runbook import Runbook

APART = ("policy", "detectors", "sources")
"""Subdirectories that hold something else."""


def load_runbooks(directory: Path, known: KnownNames) -> tuple[Runbook, ...]:
    """All of a directory, also those that only some installations can use."""
    return tuple(one for books in load_shelves(directory, known).values() for one in books)


def load_shelves(directory: Path, known: KnownNames) -> dict[str, tuple[Runbook, ...]]:
    """
    Load each `*.yaml` that lies in the directory ("") or in one that is called as a system.

    Those of `kubernetes/` are for who has a cluster. They come in the order of their names; hidden
    files are left alone. CatalogError lists everything that is wrong; a file that would be
    overlooked, such as `x.yml` or `kubernets/x.yaml`, is wrong too.
    """
    problems: list[Problem] = []
    shelves: dict[str, list[Runbook]] = {}
    known_as: dict[str, str] = {}
    for path in files(directory, known, problems):
        try:
            document = yaml.read(path, directory)
        except CatalogError as error:
            problems += error.problems
            continue
        try:
            runbook = checking.check(document, Runbook)
        except CatalogError as error:
            problems += error.problems
            unknown = calls.unknown(document.content, known)
            problems += [document.problem(*flaw) for flaw in unknown]
            continue
        problems += _problems(document, runbook, path, known)
        if runbook.runbook in known_as:
            said = f"{runbook.runbook!r} is also in {known_as[runbook.runbook]}: rename one of them"
            problems.append(document.problem(("runbook",), said))
        known_as[runbook.runbook] = document.file
        shelf = "" if path.parent == directory else path.parent.name
        shelves.setdefault(shelf, []).append(runbook)
    if problems:
        raise CatalogError(problems)
    return {shelf: tuple(books) for shelf, books in shelves.items()}


def files(directory: Path, known: KnownNames, problems: list[Problem]) -> list[Path]:
    """Those of the directory itself, then those of each system; wrong ones become problems."""
    entries = _entries(directory, problems)
    found = _written(entries, directory, problems)
    for folder in (one for one in entries if one.is_dir() and one.name not in APART):
        written = _written(_entries(folder, problems), directory, problems)
        if folder.name in known.systems:
            found += written
        elif written:
            said = f"its files are not read: {spelling.unknown(folder.name, known.systems)}"
            problems.append(Problem(f"{directory.name}/{folder.name}", 1, (), said))
    return found


def _entries(directory: Path, problems: list[Problem]) -> list[Path]:
    try:
        entries = sorted(directory.iterdir())
    except OSError as error:
        problems.append(Problem(str(directory), 1, (), f"it cannot be read: {error.strerror}"))
        return []
    return [path for path in entries if not path.name.startswith(".")]


def _written(entries: list[Path], directory: Path, problems: list[Problem]) -> list[Path]:
    problems += [
        Problem(
            f"{directory.name}/{path.relative_to(directory)}",
            1,
            (),
            "only .yaml is read: rename it",
        )
        for path in entries
        if path.suffix.lower() in {".yml", ".json", ".yaml"} and path.suffix != ".yaml"
    ]
    return [path for path in entries if path.suffix == ".yaml"]


def _problems(document: Document, runbook: Runbook, path: Path, known: KnownNames) -> list[Problem]:
    problems = [document.problem(*flaw) for flaw in calls.flaws(runbook, known)]
    if runbook.runbook != path.stem:
        said = f"{runbook.runbook!r} lies in {path.name}: call both the same"
        problems.append(document.problem(("runbook",), said))
    return problems
