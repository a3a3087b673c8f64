"""Calendars of a policy: read with it or from their address, and judged by until they are old."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.app.calendars import Calendars
from bot.catalog import shelving
from bot.catalog.library import load_library
from bot.catalog.problems import CatalogError
from bot.catalog.reloading import Catalog
from bot.clients import http
from bot.core.library import Library
from bot.core.policy.timetable import day_of, expand
from bot.plugins import Toolbox
from bot.rehearsal import library as towns
from tests.clients import servers
from tests.clients.servers import Recorder
from tests.clients.texts import WEEKLY, calendar, event
from tests.fakes import FakeClock

URLS = {"shop": "http://127.0.0.1:8080", "web": "http://127.0.0.1:8081"}
BERLIN = "Europe/Berlin"


class Tree:
    """A library on disk whose policy has freezes."""

    def __init__(self, path: Path) -> None:
        self.directory = towns.write(path, URLS)
        self.policy = self.directory / "policy"
        self.rules = (self.policy / "rules.yaml").read_text()

    def freeze(self, **freeze: Any) -> None:
        given = {"name": "release", "timezone": BERLIN, **freeze}
        (self.policy / "rules.yaml").write_text(f"{self.rules}\nfreezes:\n- {json.dumps(given)}\n")

    def load(self) -> Library:
        return load_library(self.directory, shelving.known_names(Toolbox(None, lambda _: {})))

    def problem(self) -> str:
        with pytest.raises(CatalogError) as refusal:
            self.load()
        (problem,) = refusal.value.problems
        assert problem.line == len((self.policy / "rules.yaml").read_text().splitlines())
        return str(problem)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


@pytest.fixture
async def server() -> AsyncIterator[Recorder]:
    async with servers.recorder() as made:
        yield made


def test_a_calendar_file_is_read_with_the_policy_and_is_part_of_it(tree: Tree) -> None:
    (tree.policy / "release.ics").write_bytes(calendar(WEEKLY))
    tree.freeze(calendar="release.ics")
    first = tree.load()
    (tree.policy / "release.ics").write_bytes(calendar())
    second = tree.load()
    friday = day_of(FakeClock().now() - timedelta(days=1))

    assert len(expand(first.rulebook, first.calendars, friday).freezes) == 1
    assert expand(second.rulebook, second.calendars, friday).freezes == ()
    assert first.policy_digest != second.policy_digest


@pytest.mark.parametrize(
    ("freeze", "says"),
    [
        ({"calendar": "gone.ics"}, "freezes[0].calendar: gone.ics cannot be read"),
        ({"calendar": "bad.ics"}, "freezes[0].calendar: it is no calendar"),
        ({"calendar": "out.ics"}, "freezes[0].calendar: it leads out of the directory"),
        ({"calendar": "http://cal.example.org/x.ics"}, "freezes[0].calendar: it is not https"),
        ({"calendar": "bad.ics", "timezone": None}, "freezes[0].timezone: timezone is missing"),
        ({"starts": "2026-12-18T18:00", "ends": "2027-01-04T08:00", "timezone": None},
         "freezes[0].starts: it has no offset"),
        ({"starts": "2026-01-02T16:00", "rrule": "FREQ=DAILY;COUNT=0", "lasts": "1h"},
         "freezes[0].rrule: COUNT is '0'"),
        ({"starts": "2026-01-02T16:00", "rrule": "FREQ=DAILY", "lasts": "0s"},
         "freezes[0].lasts: 0s is not possible"),
        ({"starts": "2026-01-02T16:00", "ends": "2026-01-02T17:00", "timezone": "Berlin"},
         "freezes[0].timezone: it is no IANA zone"),
    ],
)  # fmt: skip
def test_a_window_that_cannot_be_stops_the_start_at_its_line(
    tree: Tree, tmp_path: Path, freeze: dict[str, Any], says: str
) -> None:
    (tree.policy / "bad.ics").write_text("<html>")
    (tmp_path / "elsewhere.ics").write_bytes(calendar())
    (tree.policy / "out.ics").symlink_to(tmp_path / "elsewhere.ics")
    tree.freeze(**freeze)

    assert says in tree.problem()


async def test_a_calendar_at_an_address_is_fetched_by_and_by_and_judged_by(
    tree: Tree, server: Recorder
) -> None:
    clock = FakeClock()
    now = clock.now()
    text = calendar(event(f"DTSTART:{now:%Y%m%dT%H%M%S}Z", "DURATION:PT1H"))
    server.answers["/x.ics"] = web.Response(body=text)
    tree.freeze(calendar=server.url("/x.ics"), max_age="1h")
    catalog = Catalog(tree.load)
    async with http.open_client() as client:
        known = Calendars(client, clock, catalog)
        (row,) = expand(catalog.current.rulebook, known.standing(), day_of(now)).freezes
        assert row.doubtful(now)
        await known.look()
        (row,) = expand(catalog.current.rulebook, known.standing(), day_of(now)).freezes

    assert row.at(now) is not None
    assert not row.doubtful(now)
    assert row.doubtful(now + timedelta(hours=1))


async def test_a_changed_policy_has_its_calendars_fetched(tree: Tree, server: Recorder) -> None:
    server.answers["/x.ics"] = web.Response(body=calendar())
    (tree.policy / "release.ics").write_bytes(calendar(WEEKLY))
    tree.freeze(calendar="release.ics")
    catalog = Catalog(tree.load)
    async with http.open_client() as client:
        known = Calendars(client, FakeClock(), catalog)
        await known.look()
        assert known.standing() == {}
        tree.freeze(calendar=server.url("/x.ics"))
        assert await catalog.reload() == ()
        await known.look()

    assert list(known.standing()) == [server.url("/x.ics")]
