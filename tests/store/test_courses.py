"""How incidents went is read off the ledger as folding them would tell it, and as SQL counts it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.course import Course
from bot.core.errors import ConfigurationError
from bot.core.figures import Figures, figures
from bot.core.telling.book import folded
from bot.store import courses, reading
from tests import builders
from tests.store import years

pytestmark = pytest.mark.xdist_group("the years")  # which are written once a process
MANY = 3_000
SOON, LATE = builders.START, builders.START + timedelta(days=30)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("years") / "heal.db"
    years.write(path, MANY)
    return path


@pytest.fixture(scope="module")
def read(ledger: Path) -> list[Course]:
    return courses.between(ledger, SOON, LATE)


@pytest.fixture(scope="module")
def told(read: list[Course]) -> Figures:
    return figures(read, SOON, LATE)


def test_each_course_is_what_its_entries_fold_into(ledger: Path, read: list[Course]) -> None:
    for one in read[:300]:
        whole = folded(list(reading.entries(ledger, one.incident)))
        assert whole is not None, one
        first = whole.opened.alert
        assert one.opened_at == whole.opened_at
        assert (one.service, one.title) == (whole.service, whole.opened.title)
        assert one.alert == (first.name if first else "")
        assert one.quiet is (whole.quiet is not None)
        assert one.runbook == (whole.chosen.runbook if whole.chosen else "")
        assert one.started_at == (whole.started_at if whole.ran else None)
        assert one.passed == (whole.verified.passed if whole.verified else None)
        assert one.healed_at == whole.healed_at
        assert one.closed_at == whole.closed_at
        assert one.came_back is (whole.came_back is not None)
        assert one.taken_back is (whole.taken_back is not None)
        assert one.right == (whole.reviewed.right if whole.reviewed else None)


OF = """
    with one as (
        select incident, at as opened_at, body as opened,
            json_type(body, '$.alert') = 'object' as alerted,
            coalesce((select json_type(body, '$.quiet') = 'object' from entry as woken
                where woken.incident = o.incident and woken.kind = 'incident.quieted'
                order by seq desc limit 1),
                coalesce(json_type(body, '$.quiet'), 'null') = 'object') as quiet,
            coalesce(json_extract(body, '$.wish.dry_run'), 0) as dry,
            json_extract(body, '$.undoes') <> '' as undo,
            (select max(at) from entry where incident = o.incident and kind = 'run.started'
                and json_array_length(body, '$.refused') = 0) as started,
            (select json_extract(body, '$.passed') from entry where incident = o.incident
                and kind = 'run.verified' and not json_extract(body, '$.back')) as passed,
            (select at from entry where incident = o.incident and kind = 'run.verified'
                and json_extract(body, '$.passed') and not json_extract(body, '$.back')) as healed,
            (select json_extract(body, '$.event') from entry where incident = o.incident
                and kind = 'incident.closed') as event,
            (select at from entry where incident = o.incident
                and kind = 'incident.closed') as closed,
            exists (select 1 from entry where incident = o.incident
                and kind = 'incident.came_back') as back,
            exists (select 1 from entry where incident = o.incident
                and kind = 'run.taken_back') as taken,
            coalesce((select not json_extract(body, '$.right') from entry
                where incident = o.incident and kind = 'run.reviewed' order by seq limit 1), 0)
                as wrong,
            (select json_extract(body, '$.ending') from entry where incident = o.incident
                and kind = 'approval.decided' order by seq desc limit 1) as ending,
            (select max(at) from entry where incident = o.incident
                and kind = 'approval.decided') as decided,
            (select max(at) from entry where incident = o.incident
                and kind = 'approval.asked') as asked
        from entry as o where kind = 'incident.opened'
    ), counted as (
        select *, alerted and not quiet as counts,
            started is not null and not undo and (passed is not null or event is not null)
                as attempted,
            taken or wrong as untrue, not (taken or wrong or back) as stays
        from one where not quiet and not dry
    )
"""
ASKED: dict[str, tuple[str, Callable[[Figures], object]]] = {
    "incidents": ("sum(counts)", lambda told: told.all.incidents),
    "wishes": ("sum(not alerted)", lambda told: told.all.wishes),
    "attempted": ("sum(attempted)", lambda told: told.all.attempted),
    "verified": ("sum(attempted and passed)", lambda told: told.all.verified),
    "false": ("sum(attempted and untrue)", lambda told: told.all.false),
    "came back": ("sum(attempted and back)", lambda told: told.all.came_back),
    "expired": ("sum(coalesce(event = 'approval expired', 0))", lambda told: told.all.expired),
    "rejected": ("sum(coalesce(ending = 'rejected', 0))", lambda told: told.all.rejected),
    "asked": ("sum(asked is not null)", lambda told: told.all.asked),
    "still open": ("sum(event is null)", lambda told: told.all.still_open),
    "withdrawn": (
        "sum(coalesce(event = 'alert cleared', 0) and started is null)",
        lambda told: told.all.withdrawn,
    ),
    "alone": (
        (
            "sum(attempted and passed and counts and event = 'alert cleared' and stays "
            "and ending is null)"
        ),
        lambda told: told.all.alone,
    ),
    "seconds to heal": (
        (
            "round(avg(case when attempted and passed and stays then "
            "(julianday(healed) - julianday(opened_at)) * 86400 end), 3)"
        ),
        lambda told: round(told.healed.mean, 3),
    ),
    "healed": (
        "sum(attempted and passed and stays)",
        lambda told: told.healed.of,
    ),
    "seconds to clear": (
        (
            "round(avg(case when counts and event = 'alert cleared' and started is null then "
            "(julianday(closed) - julianday(opened_at)) * 86400 end), 3)"
        ),
        lambda told: round(told.cleared.mean, 3),
    ),
    "longest decision": (
        (
            "round(max(case when ending in ('approved', 'rejected') then "
            "(julianday(decided) - julianday(asked)) * 86400 end), 3)"
        ),
        lambda told: round(told.waiting.longest, 3),
    ),
}


@pytest.mark.parametrize("what", ASKED)
def test_each_figure_is_what_a_question_of_its_own_says(
    what: str, ledger: Path, told: Figures
) -> None:
    """Of ten thousand incidents, in SQL that shares nothing with what is tested."""
    sql, mine = ASKED[what]
    with closing(sqlite3.connect(ledger)) as conn:
        (theirs,) = conn.execute(f"{OF} select {sql} from counted").fetchone()

    assert theirs, "nothing was counted"
    assert mine(told) == theirs


def test_the_sums_of_the_runbooks_are_the_sum_of_all_that_had_one(told: Figures) -> None:
    assert sum(one.attempted for one in told.runbooks.values()) == told.all.attempted
    assert sum(told.services.values()) == told.all.incidents
    assert sum(told.unmatched.values()) == told.all.unmatched > 0


def test_only_what_was_opened_meanwhile_counts(ledger: Path) -> None:
    hour = courses.between(ledger, SOON, SOON + timedelta(hours=1))

    assert [one.incident for one in hour] == [f"inc-a{number}" for number in range(60)]


def test_what_is_no_ledger_is_said(tmp_path: Path) -> None:
    path = tmp_path / "odd.db"
    path.write_text("no database at all, but long enough to be looked at")
    with pytest.raises(ConfigurationError, match="cannot be read as a ledger"):
        courses.between(path, SOON, LATE)


def test_what_another_version_wrote_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "heal.db"
    years.write(path, 3)
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("drop trigger entry_is_never_changed")
        conn.execute("update entry set body = 'none' where incident = 'inc-a1'")

    assert [one.incident for one in courses.between(path, SOON, LATE)] == ["inc-a0", "inc-a2"]
