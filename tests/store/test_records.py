"""Each incident that ended has its file: whole, private, and named by nothing but its id."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from bot.core.errors import ConfigurationError
from bot.core.incident import Incident
from bot.store.records import Records
from tests import builders
from tests.slack.cards import stories
from tests.slack.engine import Cases


async def written(folder: Path, *incidents: Incident) -> list[str]:
    """The files once these were told of, one after the other."""
    cases = Cases()
    records = Records(str(folder), cases)
    assert cases.subscribed
    for incident in incidents:
        cases.told(incident, builders.entries(builders.an_opening())[0])
    await records.close()
    return sorted(path.name for path in folder.iterdir())


async def test_an_incident_that_ended_has_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    assert await written(tmp_path, stories.incident("resolved")) == ["incident-inc-7f3k2m.json"]
    path = tmp_path / "incident-inc-7f3k2m.json"
    told = json.loads(path.read_text())

    assert (told["id"], told["result"], told["auto_resolved"]) == ("inc-7f3k2m", "success", False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_one_that_goes_on_has_none(tmp_path: Path) -> None:
    assert await written(tmp_path, stories.incident("healed")) == []


async def test_what_turns_out_otherwise_is_written_anew(tmp_path: Path) -> None:
    await written(tmp_path, stories.incident("resolved"))
    await written(tmp_path, stories.incident("not_fixed"))
    told = json.loads((tmp_path / "incident-inc-7f3k2m.json").read_text())

    assert told["result"] == "failed"


async def test_of_many_at_once_the_last_one_stands(tmp_path: Path) -> None:
    await written(tmp_path, stories.incident("resolved"), stories.incident("not_fixed"))
    told = json.loads((tmp_path / "incident-inc-7f3k2m.json").read_text())

    assert told["state"] == "not fixed"


@pytest.mark.parametrize("name", ["inc-../../etc/x", "inc-a/b", "../inc-a", "inc-", "inc-A1"])
async def test_a_name_that_is_no_id_is_written_nowhere(tmp_path: Path, name: str) -> None:
    assert await written(tmp_path, builders.an_incident(
        *stories.STORIES["resolved"](), name=name)) == []  # fmt: skip


async def test_a_file_that_cannot_be_written_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "incident-inc-7f3k2m.json").mkdir()
    names = await written(tmp_path, stories.incident("resolved"))

    assert names == ["incident-inc-7f3k2m.json"]
    assert "the record of inc-7f3k2m was not written" in caplog.text


async def test_what_an_earlier_life_did_not_write_is_written_at_the_start(tmp_path: Path) -> None:
    cases = Cases()
    cases.tell(*stories.STORIES["resolved"]())
    cases.tell(*stories.STORIES["healed"](), name="inc-2b2b2b")
    await Records(str(tmp_path), cases).close()

    assert [path.name for path in tmp_path.iterdir()] == ["incident-inc-7f3k2m.json"]


async def test_without_a_folder_nothing_is_written() -> None:
    cases = Cases()
    await Records("", cases).close()

    assert cases.subscribed == []


def test_a_folder_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="HEAL_INCIDENT_RECORDS"):
        Records(str(tmp_path / "away"), Cases())
