"""The recipe for contributors is true: its two files are written, loaded and run."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bot.app import doors
from bot.core.errors import ConfigurationError
from bot.core.posted import Posted
from bot.plugins import Toolbox
from tests.rules import house

RING = b'{"door": "north", "service": "shop", "environment": "prod", "at": "2026-11-21T03:00:00Z"}'
GUIDE = house.ROOT / ".github" / "CONTRIBUTING.md"


async def test_the_recipe_for_an_action_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tests = recipe("bot.actions.host.raise_flag", monkeypatch)
    for test in tests:
        await test(tmp_path)

    assert len(tests) == 1


def test_the_recipe_for_a_source_works(monkeypatch: pytest.MonkeyPatch) -> None:
    tests = recipe("bot.sources.doorbell", monkeypatch)
    for test in tests:
        test()

    assert len(tests) == 2


async def test_a_package_brings_a_source_that_is_posted_to_without_an_edit_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe("bot.sources.doorbell", monkeypatch)
    offer(tmp_path, monkeypatch, "[heal.sources]\nacme.doorbell = bot.sources.doorbell:PLUGIN\n")
    settings = {"webhook_token": "a-long-random-text", "webhook_add": "site=north"}
    tools = Toolbox(None, lambda name: settings if name == "acme" else {}, ["acme-doorbell"])
    source = doors.alert_doors(tools)["acme.doorbell"]
    ring = Posted({"authorization": "Bearer a-long-random-text"}, RING, datetime.now(UTC))
    [alert] = source.read(ring)

    assert await source.authentic(ring) == ""
    assert await source.authentic(ring._replace(headers={}))
    assert (alert.name, alert.service, alert.labels["site"]) == ("SomebodyRings", "shop", "north")


def test_its_slips_are_named_as_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe("bot.sources.doorbell", monkeypatch)
    offer(tmp_path, monkeypatch, "[heal.sources]\nacme.doorbell = bot.sources.doorbell:PLUGIN\n")
    tools = Toolbox(None, lambda _: {"webhook_tokn": "t"}, ["acme-doorbell"])
    with pytest.raises(ConfigurationError, match="HEAL_ACME_WEBHOOK_TOKEN"):
        doors.door(tools, "acme.doorbell")


def test_a_source_without_a_format_does_not_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(tmp_path, monkeypatch, "[heal.sources]\nacme.mute = bot.clients.senders:Sender\n")
    tools = Toolbox(None, lambda _: {"webhook_token": "t"}, ["acme-doorbell"])
    with pytest.raises(ConfigurationError, match=r"'acme\.mute' in sources lacks parse: write it"):
        doors.door(tools, "acme.mute")


def offer(site: Path, monkeypatch: pytest.MonkeyPatch, entry_points: str) -> None:
    """Install a distribution that is called Acme.Doorbell."""
    found = site / "acme_doorbell-1.0.dist-info"
    found.mkdir()
    (found / "METADATA").write_text("Metadata-Version: 2.1\nName: Acme.Doorbell\nVersion: 1.0\n")
    (found / "entry_points.txt").write_text(entry_points)
    monkeypatch.syspath_prepend(str(site))
    importlib.invalidate_caches()


def recipe(module: str, monkeypatch: pytest.MonkeyPatch) -> list[Callable[..., Any]]:
    """Load the module that the guide shows, and return the tests that it shows for it."""
    path = module.replace(".", "/")
    text = GUIDE.read_text(encoding="utf-8").partition(f"`{path}.py`")[2]
    code, its_test = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)[:2]
    made = ModuleType(module)
    monkeypatch.setitem(sys.modules, module, made)
    exec(code, made.__dict__)
    names: dict[str, Any] = {}
    exec(its_test, names)
    return [made for name, made in names.items() if name.startswith("test_")]
