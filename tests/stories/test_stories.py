"""Who reads only the thread knows what happened and why, who agreed, what was done, the proof."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli import main
from bot.core import facts, updates
from bot.core.lifecycle import State
from tests.stories import page
from tests.stories.page import FOLDER, LARGEST, PAGE, STORIES
from tests.stories.stage import Told

EACH = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in STORIES]
COST = (
    "about 0.60 EUR/h more: 6 pods with 2 CPU at 0.04 EUR and 4 GiB at 0.005 EUR; "
    "until somebody changes it back"
)
"""Six times 2 x 0.04 + 4 x 0.005, which is reckoned here by hand."""
READ = {
    "flapping": (
        "from alertmanager",
        "flapping: 3 times in … min",
        "“Api5xxSpike: 5xx answers of shop are above 5 % of all”",
        "errors | value=0.12",
        "burn | value=14.4",
        "Allowed by policy without asking",
        "systemctl restart shop",
        "errors.value < 0.01 && burn.value < 1 held",
        "errors: value | 0.12 | 0.001",
        "burn: value | 14.4 | 0.2",
        "One instance got into a state in which it answers with errors",
        "Resolved automatically",
        "📎 Signals before and after",
        "📎 Transcript of",
    ),
    "capacity": (
        "“ServiceCpuSaturated: checkout latency p99",
        "approval needed until",
        "Approved by @andre",
        "--replicas=9",
        "--replicas=12",
        "rollout.done && cpu.value < 0.95 held",
        "cpu: value | 0.97 | 0.52",
        "rollout: desired | 6 | 12",
        f"*Cost* {COST}",
        "approved by @andre",
        "📎 Signals before and after",
        "📎 Transcript of",
    ),
    "memory": (
        "from pagerduty (yourcompany.pagerduty.com)",
        "“High memory usage on api-deployment”",
        "memory | value=0.94",
        "WARN heap 94 % after full GC",
        "Allowed by policy without asking",
        "kubectl rollout restart deployment/api",
        "memory: value | 0.94 | 0.31",
        "Resolved automatically",
        "📎 Signals before and after",
        "📎 log: log, before",
        "📎 Transcript of",
    ),
    "database": (
        "🔴 critical",
        "“Database cluster down - all replicas failing”",
        "could not connect to the primary server",
        "approval needed until",
        "Approved by @andre",
        "kubectl rollout restart statefulset/postgres",
        "replicas: value | 0.0 | 3.0",
        "approved by @andre",
        "📎 Signals before and after",
        "📎 log: log, before",
        "📎 Transcript of",
    ),
}
"""What has to stand in each thread."""
ASKED = {
    "capacity": (
        "touches 6 of 6 pods, none down; from 6 to 12",
        f"*Cost:* {COST}",
        f"capacity changes by 100 %, above 50 %; what it costs: {COST}",
        "or everything goes back",
        "✅ available:",
        "[✅ Approve & Execute]",
    ),
    "database": (
        "critical asks: the incident is critical",
        "*Healed when:* `rollout.done && replicas.value >= 3`",
        "[✅ Approve & Execute]",
    ),
}
"""What has to stand on the card before anybody says yes."""


@pytest.mark.parametrize("name", EACH)
def test_the_thread_alone_tells_all_of_it(name: str, told: Told) -> None:
    thread = "\n".join(told.read(one) for one in told.thread)

    assert [said for said in READ[name] if said not in thread] == []
    assert told.incident.state is State.RESOLVED


@pytest.mark.parametrize("name", EACH)
def test_the_page_of_stories_says_what_was_read(name: str, told: Told) -> None:
    text = PAGE.read_text(encoding="utf-8")

    [told_there] = [part for part in text.split("\n## ") if part.startswith(STORIES[name].title)]

    assert text.startswith(page.HEAD)
    assert text.count("\n## ") == len(STORIES)
    assert page.story(told).strip().splitlines() == f"## {told_there}".strip().splitlines()


@pytest.mark.parametrize("name", EACH)
def test_ticket_and_pager_hear_each_update_once_in_order_and_are_resolved_by_the_proof_alone(
    name: str, told: Told
) -> None:
    marks = [one.mark for one in updates.of(told.incident)]
    resolving = [one.title for one in updates.of(told.incident) if one.resolves]

    assert page.marks(told.ticket) == marks
    assert page.marks(told.pager) == marks
    assert resolving == ["Heal: healed: verified"]
    assert told.early == (False, False)
    assert told.late == (True, True)


@pytest.mark.parametrize("name", EACH)
def test_steps_are_shown_as_they_go(name: str, told: Told) -> None:
    during = told.read(told.during)

    assert "in_progress: Verify" in during
    assert "complete: " in during


@pytest.mark.parametrize("name", EACH)
def test_the_report_of_the_day_tells_how_it_went(
    name: str, told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "24h", "--ledger", str(told.ledger)]) == 0
    said = capsys.readouterr().out
    [line] = [one for one in said.splitlines() if told.incident.id in one and "|" in one]

    assert "| healed |" in line
    assert told.incident.service in line


@pytest.mark.parametrize("name", EACH)
def test_its_record_for_machines_says_what_is_known_of_the_cause(
    name: str, told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    known = told.incident.chosen

    assert main(["audit", "record", told.incident.id, "--ledger", str(told.ledger)]) == 0
    assert known is not None
    assert json.loads(capsys.readouterr().out)["root_cause"] == known.known != ""


@pytest.mark.parametrize("name", EACH)
def test_people_are_asked_where_policy_says_so_and_nowhere_else(name: str, told: Told) -> None:
    asked, details = told.read(told.asked), told.read(told.details)

    assert [said for said in ASKED.get(name, ()) if said not in asked] == []
    assert bool(asked) == (name in ASKED)
    assert (told.incident.decided.by if told.incident.decided else ()) == (
        ("U0ANDRE",) if name in ASKED else ()
    )
    assert ("state before: " in details) == (name in ASKED)


@pytest.mark.xdist_group("flapping")
def test_r23_one_restart_an_hour_is_a_standard_change_and_the_signals_of_its_slo_are_the_proof(
    told: Told,
) -> None:
    known = told.incident
    proof = next(note for note in told.ticket if "healed: verified" in note)

    assert known.planned is not None
    assert known.planned.flapping == "flapping: 3 times in 30 min"
    assert known.asked is None
    assert [one.says for one in known.steps] == [known.steps[0].says]
    assert {one.probe for one in known.plan.criteria.probes} == {"prometheus.query"}  # type: ignore[union-attr]
    assert "before: errors" in proof
    assert "after: errors" in proof


@pytest.mark.xdist_group("capacity")
def test_r24_each_of_two_increments_is_verified_before_the_next_one(told: Told) -> None:
    story = [one.fact for one in told.incident.story]
    stepped = [n for n, one in enumerate(story) if isinstance(one, facts.Stepped)]
    proved = [n for n, one in enumerate(story) if isinstance(one, facts.Proof)]

    assert len(stepped) == len(proved) == 2
    assert stepped[0] < proved[0] < stepped[1] < proved[1]


@pytest.mark.parametrize("name", EACH)
def test_its_pictures_are_there_and_small(name: str, told: Told) -> None:
    drawn = [Path(FOLDER / f"{one}.png") for one in page.shots(told)]

    assert [one.name for one in drawn if not 0 < one.stat().st_size <= LARGEST] == []
