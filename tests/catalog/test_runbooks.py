from __future__ import annotations

import re
from typing import Any

import pytest

from tests.catalog.conftest import Directory
from tests.core import remedies


def test_every_runbook_of_a_directory_is_loaded_in_order(shelf: Directory) -> None:
    for name in ("second", "first"):
        shelf.write(name)
    shelf.text("README.md", "words")
    shelf.text(".hidden.yaml", "{")
    (shelf.path / "policy").mkdir()

    assert [runbook.runbook for runbook in shelf.load()] == ["first", "second"]


def test_runbooks_of_a_system_may_lie_in_a_directory_of_its_name(shelf: Directory) -> None:
    for folder in ("host", "http", "policy"):
        (shelf.path / folder).mkdir()
    shelf.write("second")
    shelf.write("third", folder="http")
    shelf.write("first", folder="host")
    shelf.text("policy/rules.yaml", "{}")

    assert [runbook.runbook for runbook in shelf.load()] == ["second", "first", "third"]


def test_what_is_wrong_in_a_directory_of_a_system_is_told_with_its_whole_place(
    shelf: Directory,
) -> None:
    (shelf.path / "host").mkdir()
    shelf.write("one")
    shelf.write("one", folder="host", owner=None)
    shelf.text("host/x.yml", "")

    assert [problem.partition(" ")[0] for problem in shelf.problems()] == [
        "runbooks/host/one.yaml:1:",
        "runbooks/host/x.yml:1:",
    ]


def test_one_name_in_two_directories_is_refused(shelf: Directory) -> None:
    (shelf.path / "host").mkdir()
    shelf.write("one")
    shelf.write("one", folder="host")

    assert "host/one.yaml:2: runbook: 'one' is also in runbooks/one.yaml" in shelf.problems()[0]


def test_a_directory_of_no_system_whose_runbooks_would_be_overlooked_is_refused(
    shelf: Directory,
) -> None:
    for folder in ("hots", "drawings"):
        (shelf.path / folder).mkdir()
    shelf.write("one", folder="hots")

    assert shelf.problems() == [
        "runbooks/hots:1: its files are not read: 'hots' is unknown: did you mean 'host'?"
    ]


def test_a_misspelt_action_is_answered_with_line_field_and_remedy(shelf: Directory) -> None:
    shelf.write("restart", steps=[{"do": "host.restart_servce", "with": {"unit": "shop"}}])
    (problem,) = shelf.problems()

    place, _, said = problem.partition(" steps[0].do: ")
    assert said == "'host.restart_servce' is unknown: did you mean 'host.restart_service'?"
    line = int(place.removeprefix("runbooks/restart.yaml:").removesuffix(":"))
    written = (shelf.path / "restart.yaml").read_text().splitlines()
    assert '"do"' in written[line - 1]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sefety": {}}, ": sefety: 'sefety' is unknown: did you mean 'safety'?"),
        (
            {"safety": {"atempts": []}},
            ": safety.atempts: 'atempts' is unknown: did you mean 'attempts'?",
        ),
        ({"title": None}, ": title: 'title' is missing: what it does, in a few words"),
        ({"title": 5000}, ": title: 5000 is not right: write text, in quotes"),
        ({"safety": {"unattended": "yes"}}, "'yes' is not right: write true or false"),
        ({"estimate": {"recovery": 60}}, ": estimate.recovery: 60 has no unit"),
        ({"estimate": {"recovery": "60x"}}, "'60x' is not a duration: write it like 90s"),
        ({"estimate": "2m"}, ": estimate: '2m' is not right: write `key: value` pairs"),
        (
            {"match": {"alerts": ["A"], "severity": ["warn"]}},
            ": match.severity[0]: 'warn' is unknown: did you mean 'warning'?",
        ),
        ({"match": {"alerts": "A"}}, ": match.alerts: 'A' is not right: write a list"),
        ({"match": {}}, ": match: alerts is missing: name at least one alert"),
        ({"safe_when": "proces.x == 1"}, ": safe_when: in 'proces.x == 1': 'proces' is unknown"),
        (
            {"steps": [], "diagnose": [], "safe_when": None, "tests": []},
            ": steps: nothing is done and nothing is read: write steps, or diagnose",
        ),
        (
            {"steps": [{"do": "http.x", "when": "proces.x"}]},
            ": steps[0].when: in 'proces.x': 'proces' is unknown",
        ),
        ({"steps": [{}]}, ": steps[0].do: 'do' is missing: what is done"),
        (
            {"parameters": {"unit": {"type": "string", "value": [1]}}},
            ": parameters.unit.value: ",
        ),
        ({"safety": {"approval": {"expires": "2h"}}}, "2h is too long: write 60m or less"),
        ({"approved_for": [{"service": "a b", "environment": "x"}]}, "'a b' is not right: string"),
    ],
)
def test_a_wrong_field_is_told_with_its_value_and_its_remedy(
    shelf: Directory, changes: dict[str, Any], said: str
) -> None:
    shelf.write("wrong", **changes)
    problems = shelf.problems()

    assert all(problem.startswith("runbooks/wrong.yaml:") for problem in problems)
    assert any(said in problem for problem in problems)


def test_two_missing_fields_are_two_problems(shelf: Directory) -> None:
    shelf.write("wrong", title=None, owner=None)

    assert len(shelf.problems()) == 2


def test_a_union_is_reported_once(shelf: Directory) -> None:
    shelf.write("wrong", parameters={"unit": {"type": "string", "value": [1]}})

    assert len([each for each in shelf.problems() if "parameters.unit.value" in each]) == 1


def test_all_problems_of_all_files_are_told_at_once(shelf: Directory) -> None:
    shelf.write("good")
    shelf.text("a.yaml", "a: &x 1")
    shelf.write("b", title=None)
    shelf.text("c.yml", "")

    files = [problem.split(":")[0] for problem in shelf.problems()]
    assert files == ["runbooks/a.yaml", "runbooks/b.yaml", "runbooks/b.yaml", "runbooks/c.yml"]


def test_a_runbook_is_called_as_its_file(shelf: Directory) -> None:
    shelf.write("one")
    (shelf.path / "one.yaml").rename(shelf.path / "other.yaml")

    assert "'one' lies in other.yaml: call both the same" in shelf.problems()[0]


def test_two_runbooks_of_one_name_are_refused_naming_both_files(shelf: Directory) -> None:
    shelf.write("one")
    shelf.text("two.yaml", (shelf.path / "one.yaml").read_text())
    problems = "\n".join(shelf.problems())

    assert "runbooks/two.yaml:2: runbook: 'one' is also in runbooks/one.yaml" in problems


def test_a_directory_that_is_not_there_is_a_problem(shelf: Directory) -> None:
    shelf.path.rmdir()

    assert "cannot be read" in shelf.problems()[0]


def test_a_file_that_would_be_overlooked_is_refused(shelf: Directory) -> None:
    shelf.text("x.yml", "a: 1")

    assert shelf.problems() == ["runbooks/x.yml:1: only .yaml is read: rename it"]


def test_a_dumped_runbook_that_is_written_back_is_the_same(shelf: Directory) -> None:
    shelf.write("one")
    (first,) = shelf.load()

    assert first.model_dump(mode="json")["diagnose"] == [
        {**remedies.WRITTEN["diagnose"][0]},
    ]


def test_names_that_do_not_exist_are_told_together_with_a_wrong_shape(shelf: Directory) -> None:
    step = {"do": "host.restart_servce", "with": {"unit": "shop"}}
    probe = {"probe": "http.statos", "as": "web", "with": {"url": "http://shop/healthz"}}
    shelf.write("restart", steps=[step], diagnose=[probe, "nothing"], owner=7, titel="x")
    told = shelf.problems()

    assert [one for one in told if "did you mean 'host.restart_service'" in one]
    assert [one for one in told if "did you mean 'http.status'" in one]
    assert [one for one in told if "owner" in one]
    assert all(re.match(r"runbooks/restart\.yaml:[0-9]+: ", one) for one in told), told
    assert len(told) == len(set(told))
