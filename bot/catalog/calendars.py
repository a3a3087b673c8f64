"""The calendars of a policy: its files are read with it, the addresses only looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import JsonValue

from bot.catalog import yaml
from bot.catalog.problems import CatalogError
from bot.clients import calendars, subscriptions
from bot.clients.calendars import Events
from bot.core.errors import PermanentError
from bot.core.flaws import Flaw
from bot.core.policy.rulebook import Rulebook
from bot.core.policy.sections import Window
from bot.core.policy.timetable import Calendar


class Files:
    """The calendar files that a policy names, and what changes when one of them does."""

    def __init__(self, found: Mapping[str, tuple[Events, str]]) -> None:
        self.calendars = {name: Calendar(events.spans) for name, (events, _) in found.items()}
        self.digests: dict[str, JsonValue] = {name: digest for name, (_, digest) in found.items()}


NONE = Files({})


def load(rules: Path, inside: Path, rulebook: Rulebook | None) -> Files:
    """
    Read every calendar file that lies beside `rules`; a link may not lead out of `inside`.

    CatalogError points at the lines of windows whose calendar cannot be one.
    """
    if rulebook is None:
        return NONE
    found: dict[str, tuple[Events, str]] = {}
    flaws: list[Flaw] = []
    for section, windows in (("freezes", rulebook.freezes), ("maintenance", rulebook.maintenance)):
        for at, window in enumerate(windows):
            wrong = _flaws(window, rules.parent, inside, found)
            flaws += [Flaw((section, at, *path), said) for path, said in wrong]
    if flaws:
        document = yaml.read(rules, inside)
        raise CatalogError(document.problem(*flaw) for flaw in flaws)
    return Files(found)


def _flaws(
    window: Window,
    folder: Path,
    inside: Path,
    found: dict[str, tuple[Events, str]],
) -> Iterator[Flaw]:
    if window.calendar is None:
        return
    try:
        if window.is_remote:
            subscriptions.address(window.calendar)
        elif window.calendar not in found:
            content = _content(folder / window.calendar, inside)
            found[window.calendar] = calendars.read(content), hashlib.sha256(content).hexdigest()
    except (ValueError, PermanentError) as error:
        yield Flaw(("calendar",), str(error))


def _content(path: Path, inside: Path) -> bytes:
    try:
        if not path.resolve().is_relative_to(inside.resolve()):
            raise ValueError("it leads out of the directory: put a copy beside rules.yaml")
        with path.open("rb") as stream:
            return stream.read(calendars.LARGEST + 1)
    except OSError as error:
        said = f"{path.name} cannot be read ({error.strerror}): put it beside rules.yaml"
        raise ValueError(said) from None
