"""`heal runbooks look`: every reading of every detector, and what Heal would do about it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from bot.cli import main
from bot.rehearsal import library

Out = pytest.CaptureFixture[str]
DISKS = """
detector: disks
for: has(service.facts.disk_path)
probes:
  - {{probe: host.disk_usage, as: disk, with: {{path: "${{service.facts.disk_path}}"}}}}
firing: {firing}
resolved: {resolved}
times: 3
sustain: 1m
{more}
alert: {{name: DiskAlmostFull, summary: "the disk of ${{service.name}} is almost full"}}
"""


def look(
    folder: Path,
    *words: str,
    path: str = "/",
    firing: str = "disk.percent > 101.0",
    resolved: str = "disk.percent < 101.0",
    more: str = "",
) -> int:
    """Look at the disk of the shop by one detector; another service has none."""
    books = library.write(folder, {"shop": "http://127.0.0.1:1", "web": "http://127.0.0.1:1"})
    shutil.rmtree(books / "detectors")
    (books / "detectors" / "kubernetes").mkdir(parents=True)
    written = DISKS.format(firing=firing, resolved=resolved, more=more)
    (books / "detectors" / "disks.yaml").write_text(written)
    nodes = written.replace("disks", "nodes").replace("disk_path)", "nothing)")
    (books / "detectors" / "kubernetes" / "nodes.yaml").write_text(nodes)
    services = books / "policy" / "services.yaml"
    told = yaml.safe_load(services.read_text())
    told["services"][0]["facts"]["disk_path"] = path
    services.write_text(yaml.safe_dump(told))
    return main(["runbooks", "look", *words, "--dir", str(books)])


def test_a_clear_look_shows_what_was_read(tmp_path: Path, capsys: Out) -> None:
    assert look(tmp_path) == 0
    said = capsys.readouterr().out
    assert said.startswith("disks at shop in demo\n  disk (host.disk_usage): percent ")
    assert "\n  firing when disk.percent > 101.0\n  over when disk.percent < 101.0\n" in said
    assert "\n  clear: raises nothing, and resolves what it raised\n" in said
    assert said.endswith("the detector nodes sleeps: set HEAL_KUBERNETES_… to wake it\n")


def test_trouble_says_what_would_be_raised_and_when(tmp_path: Path, capsys: Out) -> None:
    assert look(tmp_path, firing="disk.percent >= 0.0") == 1
    assert (
        "\n  TROUBLE: raises DiskAlmostFull (warning) after 3 such looks in a row and when it "
        "lasts 1m: the disk of shop is almost full\n"
    ) in capsys.readouterr().out


def test_between_the_lines_nothing_would_be_told(tmp_path: Path, capsys: Out) -> None:
    assert look(tmp_path, resolved="disk.percent < 0.0") == 0
    assert "\n  between: raises nothing, and resolves nothing\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "then"),
    [
        ("", "raises nothing, resolves nothing"),
        ("unreadable: 5", "raises DetectorBlind after 5 such looks in a row"),
    ],
)
def test_what_cannot_be_read_says_so_and_fails(
    tmp_path: Path, capsys: Out, more: str, then: str
) -> None:
    assert look(tmp_path, path="/nowhere", more=more) == 1
    said = capsys.readouterr().out
    assert "\n  disk (host.disk_usage): sees nothing: '/nowhere' on " in said
    assert f"\n  SEES NOTHING: {then}: disk: '/nowhere' on " in said


def test_one_that_sleeps_is_named_alone_and_an_unknown_one_is_a_slip(
    tmp_path: Path, capsys: Out
) -> None:
    assert look(tmp_path / "a", "nodes") == 0
    assert (
        capsys.readouterr().out == "the detector nodes sleeps: set HEAL_KUBERNETES_… to wake it\n"
    )
    assert look(tmp_path / "b", "disk") == 2
    assert "did you mean 'disks'" in capsys.readouterr().err
