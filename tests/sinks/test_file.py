"""The file is only appended to, and whoever changed it behind Heal's back is found out."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.clients.signing import Signer
from bot.core import checkpoint
from bot.core.checkpoint import Signed
from bot.core.errors import PermanentError
from bot.sinks.file import PLUGIN, FileSettings, FileSink
from tests.clients import rigs

KEY = Signer("ledger.test", b"1" * 32)


def signed(size: int) -> Signed:
    return KEY.checkpoint(size, bytes([size]) * 32)


async def made(path: Path) -> FileSink:
    async with rigs.rig() as rig:
        return PLUGIN(FileSettings(path=path), rig)


async def test_checkpoints_stand_behind_one_another(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    sink = await made(path)

    before = ""
    for size in (1, 2, 3):
        before = await sink.keep(signed(size), before)

    assert checkpoint.several(path.read_text()) == [signed(size) for size in (1, 2, 3)]
    assert not await sink.why_not(before)


@pytest.mark.parametrize("part", [0, 1, 40, 10_000])
async def test_what_an_earlier_life_wrote_in_part_or_whole_is_not_written_twice(
    tmp_path: Path, part: int
) -> None:
    path = tmp_path / "kept.txt"
    sink = await made(path)
    before = await sink.keep(signed(1), "")
    with path.open("ab") as file:
        file.write(f"{signed(2).text}\n".encode()[:part])

    await sink.keep(signed(2), before)

    assert checkpoint.several(path.read_text()) == [signed(1), signed(2)]


@pytest.mark.parametrize(
    ("hurt", "said"),
    [
        (lambda text: text[:-1], "shrank"),
        (lambda text: text.replace("ledger", "Ledger"), "was changed"),
        (lambda text: text + "else\n", "did not write"),
    ],
)
async def test_a_file_that_somebody_touched_is_not_written_to(
    tmp_path: Path, hurt: object, said: str
) -> None:
    path = tmp_path / "kept.txt"
    sink = await made(path)
    before = await sink.keep(signed(1), "")
    assert callable(hurt)
    touched = hurt(path.read_text())
    path.write_text(touched)

    with pytest.raises(PermanentError, match=said):
        await sink.keep(signed(2), before)

    assert path.read_text() == touched
    if said != "did not write":
        assert said in await sink.why_not(before)


async def test_a_file_that_is_gone_is_not_made_again(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    sink = await made(path)
    before = await sink.keep(signed(1), "")
    path.unlink()

    with pytest.raises(PermanentError, match="cannot be appended to"):
        await sink.keep(signed(2), before)

    assert "cannot be appended to" in await sink.why_not(before)
    assert not path.exists()


async def test_a_folder_that_is_not_there_is_told_before(tmp_path: Path) -> None:
    sink = await made(tmp_path / "nowhere" / "kept.txt")

    assert "is no folder" in await sink.why_not("")
    with pytest.raises(PermanentError, match="cannot be appended to"):
        await sink.keep(signed(1), "")
