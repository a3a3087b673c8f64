"""What an incident has to show goes with its evidence, proved by its entry; not to outsiders."""

from __future__ import annotations

import base64
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli import exporting
from bot.core import blacking, showcase
from bot.core.exhibit import Exhibit
from bot.store import exhibits, pages
from bot.store.reading import Choice
from tests.store.drafts import NOON
from tests.store.showcases import GRAPH, LOG, filled

IN_LINES = base64.b64encode(LOG.octets).decode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "heal.db"


async def exported(path: Path, ending: str, *black: str) -> Path:
    writer, _ = await filled(path)
    await writer.close()
    to = path.with_name(f"evidence{ending}")
    exporting.export(path, to, Choice("inc-1"), NOON, blacking.read(black))
    return to


def held(file: Path) -> list[Exhibit]:
    """What it has to show, however it was written."""
    if file.suffix == ".db":
        with closing(sqlite3.connect(file)) as conn:
            return list(exhibits.of(conn, "inc-1"))
    extract = pages.read(file)
    return list(showcase.of(extract.parts, extract.contents, "inc-1"))


@pytest.mark.parametrize("ending", exporting.ENDINGS)
async def test_every_format_carries_them_and_is_verified_with_them(path: Path, ending: str) -> None:
    file = await exported(path, ending)
    report = exporting.verify(file)

    assert report.sound, report.line
    assert held(file) == [GRAPH, LOG]


@pytest.mark.parametrize("ending", pages.FORMATS)
async def test_contents_that_were_exchanged_are_found(path: Path, ending: str) -> None:
    file = await exported(path, ending)
    text = file.read_text()
    assert IN_LINES in text
    file.write_text(text.replace(IN_LINES, base64.b64encode(b"fine\n").decode()))
    report = exporting.verify(file)

    assert "broken at entry 3: the exhibit log-shop.txt is not what was recorded" in report.line


async def test_contents_that_were_exchanged_in_a_database_are_found(path: Path) -> None:
    file = await exported(path, ".db")
    with closing(sqlite3.connect(file)) as conn, conn:
        conn.execute("update exhibit set octets = x'00' where key like '%txt'")

    assert "broken at entry 3: the exhibit log-shop.txt" in exporting.verify(file).line


async def test_a_page_shows_the_picture_and_the_log_to_people(path: Path) -> None:
    page = (await exported(path, ".html")).read_text()
    source = f"data:image/png;base64,{base64.b64encode(GRAPH.octets).decode()}"

    assert f'<img src="{source}" alt="they fall to 0">' in page
    assert "<pre>\nboom\n</pre>" in page
    assert f"SHA-256 {GRAPH.said.sha256}" in page


@pytest.mark.parametrize("ending", exporting.ENDINGS)
async def test_outsiders_get_the_hashes_and_not_the_contents(path: Path, ending: str) -> None:
    file = await exported(path, ending, "secrets")
    report = exporting.verify(file)

    assert report.sound, report.line
    assert "the contents of 2 exhibits are left out" in report.line
    assert held(file) == []


async def test_contents_beside_an_entry_that_tells_of_none_are_found(path: Path) -> None:
    file = await exported(path, ".jsonl")
    lines = file.read_text().splitlines()
    lines[1] = f'{lines[1][:-1]}, "octets": "{IN_LINES}"}}'
    file.write_text("\n".join(lines) + "\n")

    assert "entry 1: contents stand there that no entry tells of" in exporting.verify(file).line
