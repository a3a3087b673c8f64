"""What a graph shows: bounds as the criterion says them, gaps as gaps, and no secrets."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core import exhibits, facts, graph
from bot.core.exhibit import Exhibit
from bot.core.facts import Reading, StepEnding
from bot.core.graph import Bound, Graph, Kind, Line, Panel
from bot.core.lifecycle import Event
from tests import builders
from tests.builders import START, Told

PNG = b"\x89PNG\r\n\x1a\n"
WEB = Bound("web", "status", "==", 200.0)


@pytest.mark.parametrize(
    ("success", "found"),
    [
        ("web.status == 200", [WEB]),
        ("has(m.percent) && m.percent < 80.0", [Bound("m", "percent", "<", 80.0)]),
        ("e.value<=params.most && e.value >= -1", [Bound("e", "value", "<=", 5.0),
                                                   Bound("e", "value", ">=", -1.0)]),
        ("service.facts.limit > 3", []),
        ("e.value < 2 || web.status == 200", []),
        ("!(e.value < 2)", []),
        ("e.value != 2", []),
        ("e.value < f.value", []),
        ("e.value < params.most * 2", []),
        ("e.value < params.word", []),
        ("process.running", []),
    ],
)  # fmt: skip
def test_a_bound_is_a_comparison_of_a_field_with_a_number(success: str, found: list[Bound]) -> None:
    assert list(graph.bounds(success, {"params": {"most": 5, "word": "x"}})) == found


def read(status: int | None, name: str = "web") -> Reading:
    if status is None:
        return Reading(name=name, probe="http.get", error="no answer")
    return Reading(name=name, probe="http.get", seen={"status": status})


def story(*after: facts.AnyFact, readings: tuple[Reading, ...] = (read(503),)) -> list[Told]:
    """A run that was approved and carried out."""
    plan = builders.a_plan()
    return [
        Told(builders.an_opening()),
        Told(facts.Diagnosed(readings=readings)),
        Told(facts.Planned(round=1, plan=plan, digest=plan.digest)),
        Told(facts.Allowed(round=1, digest=plan.digest)),
        Told(facts.Started(digest=plan.digest, runbook="r", service="shop",
                           environment="production", targets=("t",))),
        Told(facts.Stepped(number=1, ending=StepEnding.DONE, says="restarted", seconds=2), after=9),
        Told(facts.Acted()),
        *(Told(one, after=20) for one in after),
    ]  # fmt: skip


def verified(*readings: Reading, passed: bool = True) -> facts.Verified:
    series = ((0.0, 503.0), (5.0, None), (10.0, 200.0))
    return facts.Verified(
        passed=passed, why="it held", checks=3, held=10, seconds=10, readings=readings,
        series={"web.status": series},
    )  # fmt: skip


def test_readings_stand_where_they_were_made_and_what_was_not_seen_is_a_gap() -> None:
    incident = builders.an_incident(*story(verified(read(200))))
    line = graph.readings(incident, WEB)
    began = incident.opened_at.timestamp()

    assert [(at - began, value) for at, value in line.points] == [
        (1, 503), (24, 503), (29, None), (34, 200)
    ]  # fmt: skip


def test_a_reading_that_failed_is_no_point_of_a_line() -> None:
    incident = builders.an_incident(*story(readings=(read(None),)))

    assert [value for _, value in graph.readings(incident, WEB).points] == [None]


def test_a_step_is_marked_where_it_began_and_its_end_by_its_word() -> None:
    back = facts.RolledBack(clean=False, says="the rollback FAILED: no")
    incident = builders.an_incident(*story(verified(passed=False), back))
    marks = graph.marks(incident)

    assert [(mark.says, mark.kind) for mark in marks] == [
        ("policy allowed it", Kind.AGREED), ("systemd.restart", Kind.ACTED),
        ("NOT verified", Kind.BAD), ("rollback FAILED", Kind.BAD),
    ]  # fmt: skip
    assert marks[1].at == incident.opened_at + timedelta(seconds=4 + 9 - 2)


def test_who_does_not_see_it_is_told_its_course_and_that_data_is_missing() -> None:
    seen = Line(label="a", points=((0, 5.0), (1, None), (2, 1.0)))
    lines = (seen, Line(label="b", points=((0, None),)))
    panel = Panel(title="errors", unit="%", lines=lines, sign="<", limit=2)
    drawn = Graph(title="inc-1", since=START, until=START + timedelta(hours=1), panels=(panel,))

    assert "errors (%), well when < 2: a from 5 to 1, no data 1 times; b: no data" in graph.told(
        drawn
    )


def texts(*readings: Reading) -> dict[str, Exhibit]:
    told = story(verified(read(200)), readings=readings)
    return {one.said.name: one for one in exhibits.texts(builders.an_incident(*told))}


def test_logs_and_trees_are_kept_as_files_without_secrets() -> None:
    seen = {"log": "a\npassword=hunter22\n> boom", "matches": 1, "note": "one line"}
    found = texts(Reading(name="Pod log", probe="kubernetes.logs", seen=seen))
    log = found["pod-log-log-before.txt"]

    assert log.octets.decode() == "a\npassword=•••\n> boom"
    assert log.said.says == "3 lines that kubernetes.logs read, 1 of them marked with >"
    assert sorted(found) == ["before-after.csv", "pod-log-log-before.txt"]


def test_the_table_has_before_and_after_and_no_formula() -> None:
    seen = {"status": 503, "says": "=HYPERLINK(1)", "change": -3.5}
    table = texts(Reading(name="web", probe="http.get", seen=seen))["before-after.csv"]

    assert table.octets.decode().splitlines() == [
        "Reading,Before,After,After the way back",
        "web: status,503,200,",
        "web: says,'=HYPERLINK(1),,",
        "web: change,-3.5,,",
    ]


def test_a_text_that_is_too_long_is_cut_and_says_so() -> None:
    found = texts(Reading(name="w", probe="p", seen={"log": "ü\n" * 200_000}))
    octets = found["w-log-before.txt"].octets

    assert len(octets) <= 256 * 1024
    assert octets.decode().endswith("… the rest is left out")


def test_no_incident_has_more_texts_than_its_bound() -> None:
    many = [Reading(name=f"n{n}", probe="p", seen={"log": "a\nb"}) for n in range(30)]

    assert len(texts(*many)) == exhibits.TEXTS + 1


def test_what_is_no_picture_is_kept_as_none() -> None:
    panel = Panel(title="e", lines=(Line(label="a", points=((0, 1.0),)),))
    drawn = Graph(title="inc-1", since=START, until=START, panels=(panel,))

    assert exhibits.picture(drawn, PNG + b"x").pictured
    with pytest.raises(ValueError, match="is no PNG"):
        exhibits.picture(drawn, b"<svg/>")


def test_an_incident_knows_what_it_has_to_show() -> None:
    said = exhibits.picture(
        Graph(title="t", since=START, until=START,
              panels=(Panel(title="e", lines=(Line(label="a", points=((0, 1.0),)),)),)),
        PNG,
    ).said  # fmt: skip
    over = facts.Closed(event=Event.ALERT_CLEARED, says="over")
    incident = builders.an_incident(*story(verified(read(200)), over, said))

    assert incident.exhibits == (said,)
