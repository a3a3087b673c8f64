"""The shipped dashboard and alert rules ask for figures that Heal has, and mean what they say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.telemetry.metrics import FIGURES
from tests.rules import house

RULES = house.ROOT / "deploy" / "prometheus" / "heal.rules.yaml"
DASHBOARD = house.ROOT / "deploy" / "grafana" / "heal.json"
PLAYED = Path(__file__).parent / "heal.rules.test.yaml"
OTHERS = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}
"""What Prometheus and its client tell of every process."""
ALWAYS = {"job", "le"}
_SELECTED = re.compile(r"\b((?:heal|process)_[a-z_]+|up)\b(?:\{([^}]*)\})?")
_BY = re.compile(r"\b(?:by|ignoring) \(([^)]*)\)")


def rules() -> dict[str, str]:
    [group] = yaml.safe_load(RULES.read_text())["groups"]
    return {one["alert"]: one["expr"] for one in group["rules"]}


def asked() -> Iterator[tuple[str, str]]:
    """Every question to Prometheus, with where it stands."""
    yield from rules().items()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def samples() -> dict[str, set[str]]:
    """The names under which figures are scraped, with their labels."""
    found = {name: set[str]() for name in OTHERS}
    for one in FIGURES:
        ends = ("_bucket", "_sum", "_count") if one.kind == "histogram" else ("",)
        found |= {f"{one.name}{end}": set(one.labels) for end in ends}
    return found


def promtool(*arguments: str | Path) -> str:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("not run: no promtool")
    ended = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


@pytest.mark.parametrize(("where", "expr"), list(asked()))
def test_what_is_asked_for_is_told_with_these_labels(where: str, expr: str) -> None:
    known = samples()
    selected = [(name, chosen) for name, chosen in _SELECTED.findall(expr) if name != "job"]
    labels = {each.strip() for names in _BY.findall(expr) for each in names.split(",")}

    assert selected, where
    assert {name for name, _ in selected} <= known.keys()
    for name, chosen in selected:
        mine = known[name] | ALWAYS
        assert {one.strip() for one in re.findall(r"([\w ]+)(?:=~?)", chosen)} <= mine
    assert labels <= set.union(*(known[name] for name, _ in selected)) | ALWAYS


def test_a_name_that_heal_does_not_have_would_be_found() -> None:
    assert _SELECTED.findall('sum(heal_nothing_total{job="$job"})') == [
        ("heal_nothing_total", 'job="$job"')
    ]
    assert "heal_nothing_total" not in samples()


def test_every_figure_stands_in_the_dashboard() -> None:
    shown = DASHBOARD.read_text()

    assert [one.name for one in FIGURES if one.name not in shown] == [
        "heal_event_loop_stalls_total", "heal_checkpoint_entries"
    ]  # fmt: skip


def test_panels_have_names_and_places_of_their_own() -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    places = {(one["gridPos"]["x"], one["gridPos"]["y"]) for one in panels}

    assert len(panels) == len({one["id"] for one in panels}) == len(places)
    assert all(one["title"] and one["targets"] for one in panels)


@pytest.mark.real
def test_promtool_takes_the_rules() -> None:
    assert f"{len(rules())} rules found" in promtool("check", "rules", RULES)


@pytest.mark.real
def test_the_rules_fire_when_they_should_and_only_then(tmp_path: Path) -> None:
    played = yaml.safe_load(PLAYED.read_text())
    (tmp_path / "played.yaml").write_text(yaml.safe_dump({"rule_files": [str(RULES)], **played}))

    assert "SUCCESS" in promtool("test", "rules", tmp_path / "played.yaml")


@pytest.mark.real
def test_promtool_understands_every_question_of_the_dashboard(tmp_path: Path) -> None:
    exprs = [expr.replace("$__rate_interval", "5m").replace("$job", "heal") for _, expr in asked()]
    records = [{"record": f"panel:{n}", "expr": expr} for n, expr in enumerate(exprs)]
    made = {"groups": [{"name": "dashboard", "rules": records}]}
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(made))

    assert "SUCCESS" in promtool("check", "rules", "--lint=none", tmp_path / "rules.yaml")
