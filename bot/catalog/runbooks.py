"""Runbooks from disk: all of a directory or, with every problem of every file, none of it."""

from __future__ import annotations

from pathlib import Path

from bot.catalog import calls, checking, yaml
from bot.catalog.calls import KnownNames
from bot.catalog.problems import CatalogError, Document, Problem
from bot.core.runbook import Runbook


def load_runbooks(directory: Path, known: KnownNames) -> tuple[Runbook, ...]:
    """
    Load each `*.yaml` that lies directly in the directory, in the order of their names.

    Hidden files and subdirectories (`policy/`) are left alone. CatalogError lists everything
    that is wrong; a file that would be overlooked, such as `x.yml`, is wrong too.
    """
    problems: list[Problem] = []
    found: dict[str, Runbook] = {}
    files: dict[str, str] = {}
    for path in _files(directory, problems):
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
        if runbook.runbook in found:
            said = f"{runbook.runbook!r} is also in {files[runbook.runbook]}: rename one of them"
            problems.append(document.problem(("runbook",), said))
        found[runbook.runbook], files[runbook.runbook] = runbook, document.file
    if problems:
        raise CatalogError(problems)
    return tuple(found.values())


def _files(directory: Path, problems: list[Problem]) -> list[Path]:
    try:
        entries = sorted(directory.iterdir())
    except OSError as error:
        problems.append(Problem(str(directory), 1, (), f"it cannot be read: {error.strerror}"))
        return []
    visible = [path for path in entries if not path.name.startswith(".")]
    problems += [
        Problem(f"{directory.name}/{path.name}", 1, (), "only .yaml is read: rename it")
        for path in visible
        if path.suffix.lower() in {".yml", ".json", ".yaml"} and path.suffix != ".yaml"
    ]
    return [path for path in visible if path.suffix == ".yaml"]


def _problems(document: Document, runbook: Runbook, path: Path, known: KnownNames) -> list[Problem]:
    problems = [document.problem(*flaw) for flaw in calls.flaws(runbook, known)]
    if runbook.runbook != path.stem:
        said = f"{runbook.runbook!r} lies in {path.name}: call both the same"
        problems.append(document.problem(("runbook",), said))
    return problems
