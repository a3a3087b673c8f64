"""Checkpoints are made as the ledger grows, and every sink gets what it lacks in the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bot import ports
from bot.app.checkpointing import GAP, Checkpointing
from bot.clients import signing
from bot.clients.signing import Signer
from bot.core import facts, keyring, witnessed
from bot.core.checkpoint import Signed
from bot.core.errors import TemporaryError
from bot.core.keyring import Keyring
from bot.engine import recording
from bot.store import proving, verifying
from bot.telemetry import metrics
from tests.engine.houses import House
from tests.store import forging

KEY = Signer("ledger.test", b"1" * 32)


@dataclass
class Kept:
    """A sink in memory; `down` says why it takes nothing."""

    each: bool = True
    down: str = ""
    kept: list[Signed] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    tried: int = 0

    async def keep(self, signed: Signed, before: str) -> str:
        self.tried += 1
        if self.down:
            raise TemporaryError(self.down)
        self.kept.append(signed)
        self.before.append(before)
        return f"receipt {signed.checkpoint.size}"

    async def why_not(self, before: str) -> str:
        return self.down

    @property
    def sizes(self) -> list[int]:
        return [one.checkpoint.size for one in self.kept]


class Ticks:
    """Timers whose only look is called by hand."""

    look: Callable[[], Coroutine[Any, Any, None]]

    def every(self, span: timedelta, name: str, look: Any, first: datetime | None = None) -> None:
        assert span == timedelta(minutes=10)
        self.look = look


@dataclass
class Bench:
    house: House
    one: Checkpointing
    ticks: Ticks

    async def record(self, why: str) -> int:
        """Add one entry; how many there are."""
        entry, _ = await recording.record(
            self.house.world, "", why, facts.Resumed(by="U1", why=why)
        )
        return entry.seq

    def has(self, sink: Kept, size: int) -> bool:
        return sink.sizes[-1:] == [size]

    def behind(self, sink: str) -> float:
        return self.one.figures()[metrics.BEHIND][sink,]

    async def until(self, held: Callable[[], bool]) -> None:
        """Let time pass, a second each look, until it holds."""
        for _ in range(2000):
            if held():
                return
            await asyncio.sleep(0.002)
            self.house.clock.advance(1)
        raise AssertionError("it never came")


@asynccontextmanager
async def signing_house(path: Path, signer: Signer = KEY, **sinks: Kept) -> AsyncIterator[Bench]:
    house = House(path)
    await house.open()
    ticks, named = Ticks(), dict[str, ports.Sink](sinks)
    one = Checkpointing(house.world, house.writer, signer, named)
    await one.begin(ticks)  # type: ignore[arg-type] # it is all that is asked of timers
    try:
        yield Bench(house, one, ticks)
    finally:
        await house.close()


async def test_what_is_there_at_a_start_is_signed_with_its_key_recorded(tmp_path: Path) -> None:
    path, sink = tmp_path / "heal.db", Kept()
    async with signing_house(path, memory=sink) as bench:
        await bench.until(lambda: sink.sizes == [1])

    [(seq, fact)] = proving.keys(path)
    assert (seq, fact.key, fact.before) == (1, KEY.public.written, "")
    assert sink.kept[0].checkpoint.root == forging.tree(path).root(1)


async def test_the_clock_signs_what_was_added_and_nothing_twice(tmp_path: Path) -> None:
    sink = Kept()
    async with signing_house(tmp_path / "heal.db", memory=sink) as bench:
        await bench.until(lambda: sink.sizes == [1])
        await bench.ticks.look()
        await bench.record("one")
        await bench.until(lambda: bench.house.clock.monotonic() > 10 * GAP)
        size = await bench.record("two")
        await bench.ticks.look()
        await bench.until(lambda: len(sink.kept) > 1 and sink.sizes[-1] == size)

        assert sink.sizes[0] == 1
        assert sink.sizes == sorted(set(sink.sizes))
        assert sink.before[:2] == ["", "receipt 1"]


async def test_a_run_that_ended_is_signed_without_waiting_for_the_clock(tmp_path: Path) -> None:
    sink = Kept()
    async with signing_house(tmp_path / "heal.db", memory=sink) as bench:
        await bench.until(lambda: sink.sizes == [1])
        await bench.house.healed()
        entries = await bench.house.entries()
        ended = next(entry.seq for entry in entries if entry.kind == "run.verified")
        await bench.until(lambda: sink.sizes[-1] >= ended)


async def test_a_sink_that_was_down_gets_all_of_it_later_and_holds_up_no_other(
    tmp_path: Path,
) -> None:
    away, there, newest = Kept(down="no route"), Kept(), Kept(each=False, down="no route")
    path = tmp_path / "heal.db"
    async with signing_house(path, away=away, there=there, newest=newest) as bench:
        for number in range(3):
            size = await bench.record(f"{number}")
            await bench.ticks.look()
            await bench.until(partial(bench.has, there, size))
        await bench.until(lambda: bench.behind("there") == 0)
        assert bench.behind("away") == len(there.kept)
        stands = {one.sink: one for one in proving.standing(path)}
        assert stands["away"].error == "no route"
        assert (stands["away"].behind, stands["there"].behind) == (len(there.kept), 0)
        away.down = newest.down = ""
        await bench.until(lambda: bench.behind("away") == bench.behind("newest") == 0)

    assert away.sizes == there.sizes
    assert newest.sizes == there.sizes[-1:]
    assert [one.behind for one in proving.standing(path)] == [0, 0, 0]


async def test_a_second_life_goes_on_where_the_first_one_ended(tmp_path: Path) -> None:
    path, first, second = tmp_path / "heal.db", Kept(), Kept(down="no route")
    async with signing_house(path, memory=first, other=second) as bench:
        await bench.record("one")
        await bench.ticks.look()
        await bench.until(lambda: bool(first.kept) and first.sizes[-1] == 2 and second.tried > 0)
    second.down = ""
    third = Kept()
    async with signing_house(path, memory=first, other=second, third=third) as bench:
        size = await bench.record("two")
        await bench.ticks.look()
        await bench.until(lambda: all(bool(one.kept) and one.sizes[-1] == size
                                      for one in (first, second, third)))  # fmt: skip

    assert first.sizes == second.sizes
    assert third.sizes[0] >= 2
    tree = forging.tree(path)
    assert [one.checkpoint.root for one in first.kept] == [tree.root(one) for one in first.sizes]
    assert len(proving.keys(path)) == 1


async def test_a_key_that_was_handed_over_to_takes_its_turn_in_the_chain(tmp_path: Path) -> None:
    path, sink, fresh = tmp_path / "heal.db", Kept(), KEY.hand_over()
    async with signing_house(path, memory=sink) as bench:
        await bench.until(lambda: sink.sizes == [1])
    async with signing_house(path, fresh, memory=sink) as bench:
        await bench.until(lambda: sink.sizes == [1, 2])
    report = verifying.verify(path, sizes=witnessed.sizes(sink.kept))
    turns = keyring.turns(proving.keys(path), signing.check)

    for trusted in (KEY.public, fresh.public):
        ring = Keyring(turns, (trusted,), signing.check)
        found = witnessed.compared(sink.kept, ring, report.count, None, report.roots)
        assert [one.wrong for one in found] == ["", ""]


async def test_a_key_that_nobody_handed_over_to_is_recorded_as_such(tmp_path: Path) -> None:
    path, stranger = tmp_path / "heal.db", Signer("ledger.test", b"2" * 32)
    async with signing_house(path):
        pass
    async with signing_house(path, stranger):
        pass

    last = proving.keys(path)[-1][1]
    assert (last.before, last.handover) == (KEY.public.written, "")
