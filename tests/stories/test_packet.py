"""The evidence of a run is in each of its forms, whole, and each form proves itself."""

from __future__ import annotations

import base64
import html
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import JsonValue

from bot.cli import exporting, main
from bot.core import chain, exhibits, facts
from bot.core.telling import measured
from tests.stories.stage import Told

pytestmark = pytest.mark.xdist_group("database")
PAGES = (".md", ".html")
"""Those that people read; the other two hold the entries as they are."""


def exported(told: Told, folder: Path, ending: str) -> Path:
    to = folder / f"evidence{ending}"
    given = ["--incident", told.incident.id, "--ledger", str(told.ledger), "--to", str(to)]
    assert main(["audit", "export", *given]) == 0
    assert main(["audit", "verify", "--ledger", str(to)]) == 0
    assert main(["audit", "verify", "--ledger", str(to), "--against", str(told.ledger)]) == 0
    return to


def said(file: Path) -> str:
    """All its texts, as whoever looks at it reads them, without what only protects them."""
    match file.suffix:
        case ".db":
            with closing(sqlite3.connect(file)) as conn:
                rows = conn.execute("select at, actor, key, body, hash from entry").fetchall()
            return "\n".join("\n".join((*row[:3], *_texts(row[3]), row[4])) for row in rows)
        case ".jsonl":
            lines = [json.loads(line) for line in file.read_text().splitlines()]
            return "\n".join(text for line in lines for text in _strings(line))
        case ".md":
            told = _alone(file.read_text(), "\n```jsonl\n")
            return html.unescape(re.sub(r"\\(.)", r"\1", told))
        case _:
            told = _alone(file.read_text(), '<pre class="jsonl">')
            return html.unescape(re.sub(r"<[^>]+>", " ", told))


def _alone(text: str, lines: str) -> str:
    """What is written for people, without the entries behind it."""
    before, found, _ = text.partition(lines)
    assert found
    return before


def _strings(value: JsonValue) -> Iterator[str]:
    match value:
        case dict():
            for name, one in value.items():
                yield from [name, *(_texts(one) if name == "body" else _strings(one))]
        case list():
            for one in value:
                yield from _strings(one)
        case None:
            return
        case _:
            yield str(value)


def _texts(body: object) -> list[str]:
    return list(_strings(json.loads(str(body))))


def wanted(told: Told) -> dict[str, list[str]]:
    """What R14, R18 and R25 ask for, as it went in this run; each item by what it is."""
    known = told.incident
    plan, planned, verified = known.plan, known.planned, known.verified
    assert plan is not None
    assert planned is not None
    assert verified is not None
    outside = [one.fact for one in known.story if isinstance(one.fact, facts.TicketTold)]
    began = [chain.stamp(one.at) for one in known.story if isinstance(one.fact, facts.Claimed)]
    ended = [chain.stamp(one.at) for one in known.story if isinstance(one.fact, facts.Stepped)]
    return {
        "which run": [known.id, known.run],
        "its alert and where that leads": [
            "Database cluster down - all replicas failing",
            "https://yourcompany.pagerduty.com/incidents/TEST002",
        ],
        "logs": [
            "FATAL: could not connect to the primary server: Connection refused",
            "FATAL: the database system is starting up",
        ],
        "the plan": [planned.digest, plan.runbook_digest, plan.steps[0].scope.says],
        "the policy": [plan.policy_digest, *(one.reason for one in planned.verdicts)],
        "who agreed, and who could have": ["U0ANDRE", "U0ANA", "approvers"],
        "when each step began and ended": [*began, *ended],
        "what each step came to": [one.says for one in known.steps],
        "the proof": [verified.why],
        "tickets": ["SHOP-1", *(one.mark for one in outside if one.system == "jira")][:1],
        "what ticket and pager were told": [one.title for one in outside],
        "pagers": ["TEST002"],
        "graph": [one.sha256 for one in known.exhibits],
    }


@pytest.mark.parametrize("ending", exporting.ENDINGS)
def test_r25_every_form_has_all_of_the_evidence_and_is_verified(
    told: Told, tmp_path: Path, ending: str
) -> None:
    text = said(exported(told, tmp_path, ending))
    flat = re.sub(r"\s+", " ", text)

    missing = {
        what: lost
        for what, words in wanted(told).items()
        if (lost := [one for one in words if re.sub(r"\s+", " ", one) not in flat])
    }
    assert missing == {}


@pytest.mark.parametrize("ending", PAGES)
def test_r14_r18_people_see_readings_side_by_side_and_what_each_step_was_given(
    told: Told, tmp_path: Path, ending: str
) -> None:
    text = said(exported(told, tmp_path, ending))
    cells = re.sub(r"[\s|]+", " ", text)
    plan = told.incident.plan

    assert plan is not None
    assert "replicas: value 0.0 3.0" in cells
    assert f"{plan.steps[0].action}: {measured(plan.steps[0].params)}" in cells
    assert "Who it was then" in cells
    assert re.search(r"approvers: [^;]*U0ANA[^;]*U0ANDRE|approvers: [^;]*U0ANDRE[^;]*U0ANA", cells)
    assert "Jira" in cells or "jira" in cells


@pytest.mark.parametrize("ending", exporting.ENDINGS)
def test_the_graph_and_the_log_themselves_go_with_it(
    told: Told, tmp_path: Path, ending: str
) -> None:
    file = exported(told, tmp_path, ending)
    names = {one.name for one in told.incident.exhibits}
    [graph] = [one for one in told.files.values() if one.about["name"].endswith(exhibits.GRAPH)]
    assert graph.content is not None
    coded = base64.b64encode(graph.content).decode()

    assert {exhibits.GRAPH, exhibits.TABLE, "log-log-before.txt"} <= names
    if ending == ".db":
        with closing(sqlite3.connect(file)) as conn:
            kept = [row[0] for row in conn.execute("select octets from exhibit")]
        assert graph.content in kept
    else:
        assert coded in file.read_text()
    if ending == ".html":
        assert f'<img src="data:image/png;base64,{coded}"' in file.read_text()
