"""A plug-in has its test where a reader looks for it: the same path, the same name."""

from __future__ import annotations

import pytest

from bot import plugins
from tests.rules import house

ROOMS: tuple[plugins.Room, ...] = ("actions", "probes", "sources")
PLUGINS = [(room, name) for room in ROOMS for name in plugins.shipped(room)]


@pytest.mark.parametrize(("room", "name"), PLUGINS)
def test_a_plug_in_has_its_test_file(room: str, name: str) -> None:
    *folders, leaf = name.split(".")
    twin = house.ROOT.joinpath("tests", room, *folders, f"test_{leaf}.py")

    assert twin.is_file(), f"{room}: {name} wants {house.place(twin)}"
