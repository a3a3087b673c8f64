"""Ledgers on disk with whole stories in them, for what is copied, told and verified."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from bot.core.facts.fact import Fact
from bot.core.transcript import Draft
from bot.store.file import connect
from bot.store.view import View
from tests import builders
from tests.builders import Told


class Line(NamedTuple):
    """One fact: in which incident (empty for the house), by whom, seconds after the first."""

    incident: str
    fact: Fact
    actor: str = "heal"
    after: float = 0


def story(name: str, told: Iterable[Fact | Told]) -> list[Line]:
    """Lines of one incident, a second apart unless the story says otherwise."""
    at, lines = 0.0, list[Line]()
    for number, one in enumerate(told):
        this = one if isinstance(one, Told) else Told(one)
        at += this.after if number else 0
        lines.append(Line(name, this.fact, this.actor, at))
    return lines


def written(path: Path, lines: Iterable[Line]) -> Path:
    """Record them in their order."""
    with closing(connect(path, 0)) as db:
        view = View(db)
        with db.atomic():
            for number, (incident, fact, actor, after) in enumerate(lines):
                at = builders.START + timedelta(seconds=after)
                key = f"{incident or 'house'}:{number}"
                view.append(Draft(at=at, incident=incident, actor=actor, kind=fact.kind,
                                  key=key, body=fact.body))  # fmt: skip
    return path
