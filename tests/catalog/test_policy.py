from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.catalog.policy import load_model
from bot.catalog.problems import CatalogError
from bot.core.catalogue import Service
from bot.core.policy.rulebook import Rulebook
from bot.core.values import Frozen


class Services(Frozen):
    services: tuple[Service, ...]


def test_a_policy_is_read_as_the_model_that_its_rules_bring(tmp_path: Path) -> None:
    path = tmp_path / "services.yaml"
    path.write_text("services:\n- {name: shop, environment: demo, owner: us, tier: 1}\n")

    assert load_model(path, Services).services[0].name == "shop"


def test_a_wrong_policy_is_told_with_line_field_value_and_remedy(tmp_path: Path) -> None:
    path = tmp_path / "services.yaml"
    path.write_text("services:\n- name: shop\n  owner: us\n  teir: 1\n")

    with pytest.raises(CatalogError) as refusal:
        load_model(path, Services)

    assert [str(problem).partition(":")[2] for problem in refusal.value.problems] == [
        "2: services[0].environment: 'environment' is missing: write it",
        "4: services[0].teir: 'teir' is unknown: did you mean 'tier'?",
    ]


def test_a_freeze_is_read_from_a_file_with_the_offset_that_it_is_written_with(
    tmp_path: Path,
) -> None:
    path = tmp_path / "rules.yaml"
    freeze = "{name: year-end, starts: 2026-12-18T18:00:00+01:00, ends: 2027-01-04T08:00Z}"
    path.write_text(f"approvers: {{high: {{groups: [sre]}}}}\nfreezes: [{freeze}]\n")
    (read,) = load_model(path, Rulebook).freezes

    assert read.starts == datetime(2026, 12, 18, 17, tzinfo=UTC)


@pytest.mark.parametrize("starts", ["1797613200", "'1797613200'", "2026-12-18T18:00", "soon"])
def test_a_freeze_that_begins_at_no_known_instant_is_refused(tmp_path: Path, starts: str) -> None:
    path = tmp_path / "rules.yaml"
    freeze = f"{{name: year-end, starts: {starts}, ends: 2027-01-04T08:00Z}}"
    path.write_text(f"approvers: {{high: {{groups: [sre]}}}}\nfreezes:\n- {freeze}\n")

    with pytest.raises(CatalogError, match=r"rules.yaml:3: freezes\[0\].starts: "):
        load_model(path, Rulebook)
