"""What is legal in a policy and hardly meant is told with its line, and what follows from it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from bot.catalog import oddities
from bot.catalog.library import load_library
from tests.rehearsal.policy import trees

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RUNBOOKS = Path(__file__).parents[2] / "runbooks"
LATER = {"starts": "2026-12-01T00:00Z", "ends": "2026-12-02T00:00Z"}
PAST = {"starts": "2026-01-01T00:00Z", "ends": "2026-01-02T00:00Z"}
HOURLY = {"per": "service", "within": "1h"}
READY = {"runbook": trees.BOOK, "service": "shop-api"}


def found(folder: Path, **rules: object) -> list[str]:
    """The oddities of the shop's policy with these rules, written line by line."""
    trees.tree(folder, **rules)  # type: ignore[arg-type]
    file = folder / "policy" / "rules.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()), sort_keys=False))
    library = load_library(folder, trees.known())
    return [
        f"{'wrong: ' if one.grave else ''}{one}" for one in oddities.of_policy(folder, library, NOW)
    ]


def test_a_policy_that_means_what_it_says_is_not_odd(tmp_path: Path) -> None:
    assert found(tmp_path / "runbooks") == []


def test_the_shipped_policy_is_not_odd() -> None:
    library = load_library(RUNBOOKS, trees.known())

    assert [str(one) for one in oddities.of_policy(RUNBOOKS, library, NOW)] == []


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"freezes": [{"name": "x", "services": ["shop-apo"], **LATER}]},
         "services: it never applies to a service without an entry: 'shop-apo' is unknown: did"),
        ({"freezes": [{"name": "x", "environments": ["live"], **LATER}]},
         "freezes[0]: it is about no service of services.yaml: it never applies"),
        ({"freezes": [{"name": "x", **PAST}]},
         "freezes[0]: x does not come in the next 400 days: if it is over, remove it"),
        ({"rates": [{**HOURLY, "limit": 2}, {**HOURLY, "limit": 3, "services": ["shop-api"]}]},
         "rates[1]: rates[0] lets through less of the same, so this one never decides"),
        ({"rates": [{**HOURLY, "limit": 2}, {**HOURLY, "limit": 2}]},
         "rates[1]: rates[0] lets through less of the same"),
        ({"production": {"environments": ["prd"]}},
         "production.environments: no listed service is in production"),
        ({"production": {"preapproved": [{**READY, "runbook": "restart-dead-servic"}]}},
         "production.preapproved[0].runbook: nothing is pre-approved by this line: "),
        ({"production": {"preapproved": [{**READY, "service": "shop"}]}},
         "production.preapproved[0].service: nothing is pre-approved by this line: "),
        ({"unattended": False},
         f"production.preapproved[0]: {trees.BOOK} asks all the same: its safety.unattended"),
        ({"roles": {"owners": {"people": ["U1"]}}, "approvers": {"high": {"roles": ["owners"]}}},
         "approvers.low: only U1 may approve low risk"),
        ({"approvers": {"high": {"people": ["U1"]}}},
         "approvers.low: only U1 may approve low risk: what they ask for themselves nobody can"),
    ],
)  # fmt: skip
def test_what_is_hardly_meant_is_told(tmp_path: Path, rules: dict[str, object], said: str) -> None:
    told = found(tmp_path / "runbooks", **rules)

    assert [one for one in told if said in one], told
    assert all(one.startswith("runbooks/policy/rules.yaml:") for one in told)


def test_a_quorum_that_nobody_can_reach_is_wrong(tmp_path: Path) -> None:
    folder = tmp_path / "runbooks"
    trees.tree(folder, approvers={"high": {"people": ["U1", "U2"]}})
    book = folder / f"{trees.BOOK}.yaml"
    book.write_text(book.read_text().replace("quorum: 1", "quorum: 3"))
    library = load_library(folder, trees.known())
    told = [str(one) for one in oddities.of_policy(folder, library, NOW) if one.grave]

    assert f"{trees.BOOK} wants 3 different people, and high risk names 2" in told[-1]
    assert "nobody can approve it" in told[-1]


def test_rates_that_count_other_things_do_not_hide_each_other(tmp_path: Path) -> None:
    rates = [
        {"per": "service", "limit": 2, "within": "1h"},
        {"per": "service", "limit": 5, "within": "2h"},
        {"per": "target", "limit": 3, "within": "1h"},
    ]

    assert found(tmp_path / "runbooks", rates=rates) == []


def test_services_that_name_nobody_and_that_nobody_heals_are_told(tmp_path: Path) -> None:
    folder = trees.tree(tmp_path / "runbooks")
    place = folder / "policy" / "services.yaml"
    (service,) = yaml.safe_load(place.read_text())["services"]
    service["facts"]["targets"] = "host:web-1/*"
    other = {**service, "name": "cart", "environment": "moon", "depends_on": ["crat"]}
    place.write_text(json.dumps({"services": [service, other]}))
    library = load_library(folder, trees.known())
    told = "\n".join(str(one) for one in oddities.of_policy(folder, library, NOW))

    assert "depends_on[0]: whoever heals it is not told that cart would notice: 'crat'" in told
    assert "services[1]: no runbook is approved for cart in moon: each alert" in told
    assert "host:web-1/* is claimed by shop-api in production too" in told


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("oncal", "'oncal' is unknown: did you mean 'oncall'?"),
        ("sree", "'sree' is unknown: did you mean 'sre'?"),
        ("The DBAs", "'The DBAs' is unknown: use one of oncall, sre"),
        ("oncall", ""),
        ("@sre", ""),
        ("dba", ""),
        ("S0ONCALL1", ""),
    ],
)
def test_whom_a_runbook_calls_is_told_when_it_looks_like_a_slip(
    tmp_path: Path, to: str, said: str
) -> None:
    folder = trees.tree(tmp_path / "runbooks", roles={"oncall": {"groups": ["sre"]}})
    book = folder / f"{trees.BOOK}.yaml"
    book.write_text(book.read_text().replace("to: oncall", f"to: {json.dumps(to)}"))
    (folder / "detectors").mkdir()
    library = load_library(folder, trees.known())
    told = oddities.of_policy(folder, library, NOW)

    if not said:
        assert told == []
        return
    (odd,) = told
    assert not odd.grave
    assert str(odd).startswith(f"runbooks/{trees.BOOK}.yaml:")
    assert str(odd).endswith(said)
