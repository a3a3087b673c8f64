"""The list beside the ledger says what the ledger says, finds it by an index, and is made anew."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core import folding, listing
from bot.core.facts.fact import Fact
from bot.core.incident import Incident
from bot.core.lifecycle import ENDS, State
from bot.core.listing import OPEN, RAN, Wanted
from bot.core.transcript import Draft
from bot.store import courses, lookup, reading, register
from bot.store.file import connect
from bot.store.lookup import Lookup
from bot.store.register import Register
from bot.store.view import View
from tests.builders import START, Told
from tests.slack.cards import stories
from tests.store import books, years

MANY = 120
ALL = Wanted()


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("years") / "heal.db"
    years.write(path, MANY)
    return path


@pytest.fixture(scope="module")
def shelf(ledger: Path) -> Lookup:
    made = Register(ledger)
    assert made.follow() == 0
    return Lookup(ledger, made)


def names(shelf: Lookup, wanted: Wanted) -> list[str]:
    """All that is found, page by page."""
    found = shelf._find(wanted)
    those = [one.course.incident for one in found.those]
    if not found.more:
        return those
    return [*those, *names(shelf, wanted._replace(before=found.those[-1].place))]


def incidents(ledger: Path) -> dict[str, Incident]:
    """Every incident whose entries make one, as they tell it."""
    folded: dict[str, Incident] = {}
    for entry in reading.entries(ledger):
        known = folded.get(entry.incident)
        folded[entry.incident] = (
            folding.opened(entry) if known is None else folding.follow(known, entry)
        )
    return folded


def test_each_incident_stands_in_it_once_the_newest_first_with_all_its_figures(
    ledger: Path, shelf: Lookup
) -> None:
    found = names(shelf, ALL)
    told = courses.between(ledger, START, START + timedelta(days=99))

    assert found == [f"inc-a{number}" for number in reversed(range(MANY))]
    assert shelf._between(START, START + timedelta(days=99)) == told


def test_a_list_is_narrowed_exactly_by_each_name_and_by_all_at_once(shelf: Lookup) -> None:
    known = {one.incident: one for one in shelf._between(START, START + timedelta(days=99))}
    wanted = Wanted(
        state=State.RESOLVED, service="shop", environment="production", runbook="raise-pool"
    )

    assert set(names(shelf, wanted)) == {
        name
        for name, one in known.items()
        if (listing.standing(one), one.service, one.runbook)
        == (State.RESOLVED, "shop", "raise-pool")
    }
    assert set(names(shelf, Wanted(state=RAN))) == {n for n, one in known.items() if one.started_at}
    assert set(names(shelf, Wanted(state=OPEN))) == {
        n for n, one in known.items() if one.event is None and not one.came_back
    }
    assert names(shelf, Wanted(service="sho")) == []


def test_how_each_stands_is_what_its_own_transcript_comes_to(tmp_path: Path) -> None:
    ledger = tmp_path / "heal.db"
    books.written(ledger, [
        line for name, told in _whole().items() for line in books.story(name, told)
    ])  # fmt: skip
    folded = incidents(ledger)
    with reading.opened(ledger) as conn:
        made = {one.incident: one for one in courses.of(conn, list(folded))}

    assert {n: listing.standing(one) for n, one in made.items() if folded[n].over} == {
        name: one.state for name, one in folded.items() if one.over
    }
    assert sum(one.over for one in folded.values()) >= 5
    assert all(listing.standing(made[n]) not in ENDS for n, one in folded.items() if not one.over)


def _whole() -> dict[str, Sequence[Fact | Told]]:
    return {f"inc-{number}": list(story()) for number, story in enumerate(stories.STORIES.values())}


def test_words_are_found_wherever_they_stand_and_a_star_ends_one(shelf: Lookup) -> None:
    assert names(shelf, Wanted(words="inc-a77")) == ["inc-a77"]
    assert names(shelf, Wanted(words="RUN-A77")) == ["inc-a77"]
    assert set(names(shelf, Wanted(words="people restart-service"))) <= set(names(shelf, ALL))
    assert names(shelf, Wanted(words="bask*", service="basket")) == names(
        shelf, Wanted(service="basket")
    )
    assert names(shelf, Wanted(words="ba*", service="basket")) == names(
        shelf, Wanted(service="basket")
    ), "two letters are no beginning that is looked for"


@pytest.mark.parametrize(
    "words", ['"', "'; drop table run", "NOT shop", "a OR", "tags:x", "(", "words : *", "-", "\0"]
)
def test_whatever_somebody_types_it_is_words_and_no_order(shelf: Lookup, words: str) -> None:
    assert set(names(shelf, Wanted(words=words))) <= set(names(shelf, ALL))


def test_nobodys_words_find_what_a_list_is_narrowed_by(shelf: Lookup) -> None:
    assert names(shelf, Wanted(words=register.tag("service", "shop"))) == []


def test_a_day_is_found_by_its_moments(shelf: Lookup) -> None:
    hour = timedelta(hours=1)
    found = names(shelf, Wanted(since=START + hour, until=START + 2 * hour))

    assert found == [f"inc-a{number}" for number in reversed(range(60, 120))]
    assert names(shelf, Wanted(since=START + timedelta(days=30))) == []


def plans(conn: sqlite3.Connection, sql: str, values: list[object]) -> Iterator[str]:
    return (str(row[3]) for row in conn.execute(f"explain query plan {sql}", values))


def test_no_page_of_a_list_reads_all_of_it(ledger: Path, shelf: Lookup) -> None:
    asked: list[tuple[str, list[object]]] = [
        (lookup.LISTED, [99, 0, 51]),
        (lookup.SEARCHED, ['words : "shop"', 99, 0, 51]),
        (lookup.SHOWN, [1]),
        (lookup.SINCE, ["2026"]),
        (lookup.COURSES, ["2026", "2027"]),
    ]
    with closing(sqlite3.connect(f"{ledger}.runs")) as conn:
        seen = [line for sql, values in asked for line in plans(conn, sql, values)]
    of_ledger: list[tuple[str, list[object]]] = [
        (register.HEAD, []),
        (register.TOUCHED, [1, 2]),
        (register.BY, ["[]"]),
        (lookup.BEFORE, [1]),
        (lookup.OF_KEYS, ["k", 1]),
        (courses.SEEN.format(courses.NAMED), ["[]"]),
    ]
    with closing(sqlite3.connect(ledger)) as conn:
        told = [line for sql, values in of_ledger for line in plans(conn, sql, values)]
    scans = [line for line in (*seen, *told) if line.startswith("SCAN")]

    assert [line for line in scans if "entry" in line or "run" in line] == ["SCAN entry"], (
        "the head of the ledger is its last row"
    )
    (found,) = (line for line in seen if "told" in line)
    assert re.fullmatch(r"SCAN told VIRTUAL TABLE INDEX \d+:M\d+<>", found), "by words and places"
    assert not [line for line in seen if "TEMP B-TREE" in line]


def test_what_is_recorded_later_is_in_it_the_next_time(tmp_path: Path) -> None:
    ledger = tmp_path / "heal.db"
    years.write(ledger, 3)
    shelf = Lookup(ledger, Register(ledger))
    before = names(shelf, ALL)
    with closing(connect(ledger, 0)) as db, db.atomic():
        view = View(db)
        for entry in list(reading.entries(ledger, "inc-a1")):
            view.append(
                Draft(
                    at=entry.at + timedelta(days=1), incident="inc-new", actor="U1",
                    kind=entry.kind, key=f"new-{entry.key}", body=entry.body,
                )
            )  # fmt: skip

    assert names(shelf, ALL) == ["inc-new", *before]
    assert names(shelf, Wanted(words="U1")) != []


def test_a_list_of_another_ledger_or_a_torn_one_is_made_anew(tmp_path: Path) -> None:
    ledger = tmp_path / "heal.db"
    years.write(ledger, 5, seed=1)
    shelf = Lookup(ledger, Register(ledger))
    assert len(names(shelf, ALL)) == 5
    ledger.unlink()
    years.write(ledger, 4, seed=2)
    assert len(names(shelf, ALL)) == 4

    Path(f"{ledger}.runs").write_bytes(b"no database" * 1000)
    assert len(names(shelf, ALL)) == 4
    assert Path(f"{ledger}.runs").stat().st_mode & 0o777 == 0o600


def test_looking_changes_nothing_in_the_ledger(ledger: Path, shelf: Lookup) -> None:
    before = ledger.read_bytes()
    names(shelf, Wanted(words="shop"))
    shelf._story("inc-a7")
    shelf._proof("inc-a7")

    assert ledger.read_bytes() == before
