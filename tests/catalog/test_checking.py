from __future__ import annotations

import pytest

from bot.catalog import checking, yaml
from bot.catalog.problems import CatalogError
from bot.core.values import Frozen


class Inner(Frozen):
    size: int
    ratio: float = 1.0


class Outer(Frozen):
    first: Inner | None = None
    named: dict[str, Inner] = {}
    listed: tuple[Inner, ...] = ()


def problems(text: str) -> list[str]:
    with pytest.raises(CatalogError) as refusal:
        checking.check(yaml.parse(text.encode(), "x.yaml"), Outer)
    return [str(problem) for problem in refusal.value.problems]


def test_a_whole_number_may_stand_for_a_fraction() -> None:
    checked = checking.check(yaml.parse(b"first: {size: 1, ratio: 2}", "x.yaml"), Outer)

    assert checked.first == Inner(size=1, ratio=2.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("first:\n  sise: 1", "x.yaml:2: first.sise: 'sise' is unknown: did you mean 'size'?"),
        ("named:\n  a: {sise: 1}", "x.yaml:2: named.a.sise: 'sise' is unknown: did you mean"),
        ("listed:\n- {sise: 1}", "x.yaml:2: listed[0].sise: 'sise' is unknown: did you mean"),
        ("first:\n  ratio: 1", "x.yaml:1: first.size: 'size' is missing: write it"),
        ("first: {size: '1'}", "first.size: '1' is not right: write a whole number, without"),
        ("first: {size: 1, ratio: x}", "first.ratio: 'x' is not right: write a number, without"),
        ("first: 5", "first: 5 is not right: write `key: value` pairs"),
        ("hello", "x.yaml:1: 'hello' is not right: write `key: value` pairs"),
    ],
)
def test_a_wrong_value_is_told_with_its_line_and_remedy(text: str, said: str) -> None:
    assert any(problem.startswith(said) or said in problem for problem in problems(text))
