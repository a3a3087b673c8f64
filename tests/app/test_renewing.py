"""Changes on disk: taken whole, or refused and told once; both are on record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.app.renewing import Renewing
from bot.catalog.library import load_library
from bot.catalog.reloading import Catalog
from bot.core.errors import StoreUnavailable
from bot.core.facts import PolicyRefused, PolicyTaken
from bot.core.library import Library
from bot.core.lookout import Lookout
from bot.core.standing import Standing
from bot.core.transcript import Draft, Entry
from bot.timers import Timers
from tests.engine.houses import House
from tests.rehearsal.policy import trees

DETECTOR = """
detector: {name}
probes: [{{probe: http.status, as: health, with: {{url: "http://127.0.0.1:1/"}}}}]
every: 1h
firing: health.status != 200
sustain: 1m
alert: {{name: ServiceDown, severity: warning, service: shop-api, environment: production,
        summary: it is down}}
"""


class Named(Timers):
    """Remembers what it was asked to call, and calls nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.firsts: dict[str, datetime | None] = {}

    def every(
        self, span: timedelta, name: str, look: object, first: datetime | None = None
    ) -> None:
        self.names = [*(one for one in self.names if one != name), name]
        self.firsts[name] = first

    def drop(self, name: str) -> None:
        self.names.remove(name)


@dataclass
class Bench:
    """A library on disk, and what is told of it."""

    house: House
    folder: Path
    catalog: Catalog[Library]
    renewing: Renewing
    timers: Named
    told: list[PolicyTaken | PolicyRefused] = field(default_factory=list)
    settled: list[int] = field(default_factory=list)
    """How many lookouts were in force each time that what is gone was taken back."""
    full: bool = False

    @property
    def standing(self) -> Standing:
        return self.house.cases.standing()

    def break_(self, text: str = "concurrency: many") -> None:
        (self.folder / "policy" / "rules.yaml").write_text(text)

    def write(self, **rules: object) -> None:
        trees.tree(self.folder, **rules)  # type: ignore[arg-type]

    async def look_twice(self) -> None:
        """It is read when it has stood still from one look to the next."""
        await self.renewing.look()
        await self.renewing.look()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    house = House(tmp_path / "heal.db")
    await house.open()
    folder = trees.tree(tmp_path / "runbooks")
    catalog = Catalog(lambda: load_library(folder, trees.known()))
    timers, told = Named(), list[PolicyTaken | PolicyRefused]()

    async def look(_: Lookout) -> None:
        """Nothing to see."""

    async def settle() -> None:
        made.settled.append(len(catalog.current.lookouts))
        if made.full:
            raise StoreUnavailable("the disk is full")

    async def notice(fact: PolicyTaken | PolicyRefused) -> None:
        told.append(fact)

    renewing = Renewing(house.world, catalog, folder, timers, look, settle, notice)
    made = Bench(house, folder, catalog, renewing, timers, told)
    yield made
    await house.close()


async def test_a_good_change_is_in_force_and_on_record_with_its_keys(bench: Bench) -> None:
    before = bench.catalog.current.policy_digest
    bench.write(ask_from_tier=3)
    await bench.look_twice()
    (taken,) = await bench.house.facts(PolicyTaken)

    assert bench.catalog.current.rulebook.ask_from_tier == 3
    assert (taken.before, taken.digest) == (before, bench.catalog.current.policy_digest)
    assert taken.changed == ("ask_from_tier: 5 → 3",)
    assert bench.standing.policy == taken


async def test_what_still_moves_is_not_read_yet(bench: Bench) -> None:
    bench.write(ask_from_tier=3)
    await bench.renewing.look()
    assert bench.catalog.current.rulebook.ask_from_tier == 5
    bench.write(ask_from_tier=4)
    await bench.renewing.look()
    assert bench.catalog.current.rulebook.ask_from_tier == 5
    await bench.renewing.look()

    assert bench.catalog.current.rulebook.ask_from_tier == 4


async def test_a_bad_change_keeps_what_was_and_is_told_once(bench: Bench) -> None:
    before = bench.catalog.current
    bench.break_()
    for _ in range(4):
        await bench.look_twice()
    (refused,) = await bench.house.facts(PolicyRefused)

    assert bench.catalog.current is before
    assert refused.keeps == before.policy_digest
    assert bench.told == [refused]
    assert bench.standing.unread == refused
    assert "runbooks/policy/rules.yaml:1" in refused.problems[0]
    assert bench.renewing.notes() == [f"not in force: {one}" for one in refused.problems]


async def test_the_same_problems_in_a_file_that_was_written_again_are_no_news(
    bench: Bench,
) -> None:
    bench.break_()
    await bench.look_twice()
    bench.house.clock.advance(60)
    bench.break_("concurrency: many  # really")
    await bench.look_twice()

    assert len(bench.told) == len(await bench.house.facts(PolicyRefused)) == 1


async def test_other_problems_belong_to_the_same_matter_and_mending_ends_it(
    bench: Bench,
) -> None:
    bench.break_()
    await bench.look_twice()
    bench.house.clock.advance(60)
    bench.break_("approvers: nobody")
    await bench.look_twice()
    bench.write()
    await bench.look_twice()
    first, other, mended = bench.told

    assert isinstance(first, PolicyRefused)
    assert isinstance(other, PolicyRefused)
    assert isinstance(mended, PolicyTaken)
    assert first.name == other.name == mended.mends
    assert first.problems != other.problems
    assert bench.standing.unread is None
    assert bench.renewing.notes() == []


async def test_a_comment_is_no_other_policy(bench: Bench) -> None:
    rules = bench.folder / "policy" / "rules.yaml"
    rules.write_text(f"# why\n{rules.read_text()}")
    await bench.look_twice()

    assert bench.told == []


def detect(bench: Bench, *names: str, text: str = DETECTOR) -> None:
    folder = bench.folder / "detectors"
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f"{name}.yaml").write_text(text.format(name=name))


async def test_detectors_come_and_go_with_their_files(bench: Bench) -> None:
    await bench.renewing.begin()
    (looks,) = bench.timers.names
    detect(bench, "one", "two")
    await bench.renewing.reload()
    place = "at shop-api in production"
    assert bench.timers.names == [looks, f"one {place}", f"two {place}"]
    (bench.folder / "detectors" / "one.yaml").unlink()
    await bench.renewing.reload()

    assert bench.timers.names == [looks, f"two {place}"]
    assert bench.settled == [0, 2, 1]


async def test_detectors_look_at_instants_of_their_own(bench: Bench) -> None:
    detect(bench, "one", "two", "three")
    await bench.renewing.begin()
    await bench.renewing.reload()
    now = bench.house.clock.now()
    firsts = [at for at in bench.timers.firsts.values() if at is not None]

    assert len(set(firsts)) == 3
    assert all(now <= at < now + timedelta(hours=1) for at in firsts)


async def test_only_a_detector_that_changed_begins_its_looks_anew(bench: Bench) -> None:
    detect(bench, "one", "two")
    await bench.renewing.begin()
    await bench.renewing.reload()
    bench.timers.firsts.clear()
    detect(bench, "two", text=DETECTOR.replace("every: 1h", "every: 30m"))
    await bench.renewing.reload()

    assert list(bench.timers.firsts) == ["two at shop-api in production"]


async def test_what_cannot_be_taken_back_yet_is_tried_again_at_each_look(bench: Bench) -> None:
    bench.full = True
    await bench.renewing.begin()
    await bench.renewing.look()
    bench.full = False
    for _ in range(3):
        await bench.renewing.look()

    assert len(bench.settled) == 3


async def test_what_changed_while_it_was_away_is_recorded_at_the_start(bench: Bench) -> None:
    bench.break_()
    await bench.look_twice()
    await bench.renewing.begin()
    (taken,) = await bench.house.facts(PolicyTaken)

    assert taken.mends == bench.told[0].name  # type: ignore[union-attr]
    assert bench.standing.unread is None
    await bench.renewing.begin()
    assert len(await bench.house.facts(PolicyTaken)) == 1


async def test_while_the_ledger_cannot_be_written_the_old_policy_stays_and_is_tried_again(
    bench: Bench,
) -> None:
    ledger, full = bench.house.ledger, True
    append = ledger.append

    async def refuses(draft: Draft) -> tuple[Entry, bool]:
        if full:
            raise StoreUnavailable("the disk is full")
        return await append(draft)

    ledger.append = refuses  # type: ignore[method-assign]
    bench.write(ask_from_tier=3)
    await bench.look_twice()
    assert bench.catalog.current.rulebook.ask_from_tier == 5
    full = False
    await bench.renewing.look()

    assert bench.catalog.current.rulebook.ask_from_tier == 3
