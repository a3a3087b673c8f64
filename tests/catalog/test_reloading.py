from __future__ import annotations

import asyncio
import threading

import pytest

from bot.catalog.reloading import Catalog
from bot.core.errors import ConfigurationError, StoreUnavailable
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


async def test_what_cannot_be_recorded_is_not_put_in_force(shelf: Directory) -> None:
    shelf.write("first")
    catalog = Catalog(shelf.load)
    before, told = catalog.current, []

    async def fails(loaded: object) -> None:
        told.append((loaded, catalog.current))
        raise StoreUnavailable("the disk is full")

    shelf.write("second")
    with pytest.raises(StoreUnavailable):
        await catalog.reload(fails)

    assert catalog.current is before
    ((loaded, at_the_time),) = told
    assert loaded is not before, "it is told of the new one"
    assert at_the_time is before, "before that is in force"


async def test_what_cannot_be_used_here_is_refused_like_what_cannot_be_read(
    shelf: Directory,
) -> None:
    def accept(books: tuple[Runbook, ...]) -> None:
        if len(books) > 1:
            raise ConfigurationError("second names a machine that no setting knows")

    shelf.write("first")
    catalog = Catalog(shelf.load, accept)
    shelf.write("second")

    assert await catalog.reload() == ("second names a machine that no setting knows",)
    assert len(catalog.current) == 1
    with pytest.raises(ConfigurationError):
        Catalog(shelf.load, accept)
