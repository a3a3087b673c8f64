from __future__ import annotations

import asyncio
import threading

from bot.catalog.reloading import Catalog
from bot.core.runbook import Runbook
from tests.catalog.conftest import Directory


async def test_a_good_directory_replaces_the_old_set(shelf: Directory) -> None:
    shelf.write("first")
    catalog = Catalog(shelf.load)
    shelf.write("second")

    assert await catalog.reload() == ()
    assert [runbook.runbook for runbook in catalog.current] == ["first", "second"]


async def test_a_bad_directory_keeps_the_old_set_and_returns_its_problems(shelf: Directory) -> None:
    shelf.write("first")
    catalog = Catalog(shelf.load)
    before = catalog.current
    shelf.write("second")
    shelf.text("bad.yaml", "a: *bomb")
    problems = await catalog.reload()

    assert catalog.current is before
    assert problems == ("runbooks/bad.yaml:1: a: *bomb: aliases are refused, write it out",)


async def test_while_a_reload_is_reading_the_old_set_is_in_force(shelf: Directory) -> None:
    shelf.write("first")
    gate = threading.Event()
    gate.set()

    def load() -> tuple[Runbook, ...]:
        gate.wait(5)
        return shelf.load()

    catalog = Catalog(load)
    before = catalog.current
    gate.clear()
    shelf.write("second")
    reading = asyncio.ensure_future(catalog.reload())
    await asyncio.sleep(0.01)

    assert catalog.current is before
    gate.set()
    assert await reading == ()
    assert len(catalog.current) == 2
