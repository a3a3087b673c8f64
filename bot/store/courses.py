"""Courses: how each incident of a while went, read off the ledger in one question."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from bot.core import chain
from bot.core.approval import Ending
from bot.core.course import Course
from bot.core.lifecycle import Event
from bot.core.policy.verdict import Ruling
from bot.store import reading

PATHS = {
    "incident.opened": ("title", "service", "environment", "alert.name", "alert.severity",
                        "undoes", "wish.dry_run", "quiet.why"),
    "incident.quieted": ("quiet.why",),
    "runbook.chosen": ("runbook", "why_none", "because"),
    "plan.made": ("ruling", "healthy"),
    "policy.allowed": (),
    "approval.asked": (),
    "approval.decided": ("ending", "permit.id"),
    "run.started": ("refused",),
    "run.verified": ("passed", "back"),
    "run.rolled_back": ("clean",),
    "run.taken_back": (),
    "run.reviewed": ("right",),
    "incident.escalated": ("to",),
    "incident.closed": ("event", "says"),
    "incident.came_back": (),
}  # fmt: skip
"""Of each kind of entry that counts, where in its body what counts stands."""


def _extract() -> str:
    cases = [
        f"when '{kind}' then json_extract(body, '$.kind', {', '.join(_quoted(paths))})"
        for kind, paths in PATHS.items()
        if paths
    ]
    return f"case kind {' '.join(cases)} end"


def _quoted(paths: tuple[str, ...]) -> Iterator[str]:
    return (f"'$.{path}'" for path in paths)


SEEN = f"""
    select incident, kind, at, {_extract()} from entry
    where incident in ({{}})
        and kind in ({", ".join(f"'{kind}'" for kind in PATHS)}) and json_valid(body)
    order by incident, seq
"""  # noqa: S608 - constants
OPENED = "select incident from entry where kind = 'incident.opened' and at >= ? and at < ?"
NAMED = "select value from json_each(?)"


class Courses:
    """Reads them anew each time, beside the event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def between(self, since: datetime, until: datetime) -> list[Course]:
        return await asyncio.to_thread(between, self._path, since, until)


def between(path: Path, since: datetime, until: datetime) -> list[Course]:
    """
    Read what was opened in `[since, until)`, as far as it went by now, oldest first.

    Of a ledger file, live or a copy; ConfigurationError when it is none.
    """
    with reading.whole(path) as conn:
        found = conn.execute(SEEN.format(OPENED), [chain.stamp(since), chain.stamp(until)])
        read = list(_courses(found))
    return sorted(read, key=lambda one: (one.opened_at, one.incident))


def of(conn: sqlite3.Connection, incidents: Sequence[str]) -> Iterator[Course]:
    """Read how these went by now, in the order of their names."""
    return _courses(conn.execute(SEEN.format(NAMED), [json.dumps(incidents)]))


def _courses(found: sqlite3.Cursor) -> Iterator[Course]:
    for name, rows in groupby(found, key=lambda row: row[0]):
        if course := _course(name, rows):
            yield course


def _course(name: str, rows: Iterator[tuple[str, str, str, str | None]]) -> Course | None:
    """Follow one incident; None where another version wrote its opening."""
    course: Course | None = None
    for _, kind, at, found in rows:
        moment = datetime.fromisoformat(at)
        values = json.loads(found)[1:] if found else []
        if kind == "incident.opened":
            course = _opened(name, moment, *values)
        elif course is not None:
            course = course._replace(**_FOLLOWS[kind](course, moment, *values))
    return course


def _opened(
    name: str, at: datetime, title: str, service: str, environment: str, alert: str | None,
    severity: str | None, undoes: str | None, dry: bool | None, quiet: str | None,  # noqa: FBT001 - a row
) -> Course:  # fmt: skip
    return Course(
        name, at, title, service, environment, alert=alert or "", severity=severity or "",
        undoes=undoes or "", dry=bool(dry), quiet=quiet is not None,
    )  # fmt: skip


Follows = Callable[..., dict[str, Any]]


def _chosen(
    _: Course, __: datetime, runbook: str | None, why_none: str | None, because: list[str] | None
) -> dict[str, Any]:
    said = tuple(because or ())
    return {"runbook": runbook or "", "why_none": why_none or "", "because": said}


def _planned(_: Course, __: datetime, ruling: int, healthy: bool) -> dict[str, Any]:  # noqa: FBT001 - a row
    return {"ruling": None if healthy else Ruling(ruling)}


def _decided(_: Course, at: datetime, ending: str, permit: str | None) -> dict[str, Any]:
    return {"ending": Ending(ending), "permitted": permit is not None, "taken_up_at": at}


def _verified(_: Course, at: datetime, passed: bool, back: bool | None) -> dict[str, Any]:  # noqa: FBT001 - a row
    if back:
        return {}
    return {"passed": bool(passed), "healed_at": at if passed else None}


_FOLLOWS: dict[str, Follows] = {
    "incident.quieted": lambda _, __, quiet: {"quiet": quiet is not None},
    "runbook.chosen": _chosen,
    "plan.made": _planned,
    "policy.allowed": lambda _, at: {"taken_up_at": at},
    "approval.asked": lambda _, at: {"asked_at": at, "ending": None, "taken_up_at": None},
    "approval.decided": _decided,
    "run.started": lambda _, at, refused: {} if refused else {"started_at": at},
    "run.verified": _verified,
    "run.rolled_back": lambda _, __, clean: {"rolled_back": bool(clean)},
    "run.taken_back": lambda _, __: {"taken_back": True},
    "run.reviewed": lambda _, __, right: {"right": bool(right)},
    "incident.escalated": lambda _, __, to: {"escalated_to": to},
    "incident.closed": lambda _, at, event, says: {
        "event": Event(event),
        "closed_at": at,
        "says": says,
    },
    "incident.came_back": lambda _, __: {"came_back": True},
}
