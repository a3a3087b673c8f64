"""Which systems the settings have asked, and about what."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.app import correspondents
from bot.plugins import Toolbox
from tests.clients import rigs

SET_UP = {"url": "https://acme.example", "user": "heal", "password": "x"}


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        (SET_UP | {"cmdb": "true"}, ["servicenow"]),
        (SET_UP, []),
        ({"cmdb": "true"}, []),
        ({}, []),
    ],
    ids=["wanted", "not wanted", "no address", "nothing"],
)
async def test_a_cmdb_is_asked_only_where_the_settings_want_it(
    told: Mapping[str, str], asked: list[str]
) -> None:
    def sections(system: str) -> Mapping[str, str]:
        return told if system == "servicenow" else {}

    async with rigs.rig() as rig:
        assert [*correspondents.cmdbs(Toolbox(rig, sections), sections)] == asked
