from __future__ import annotations

import re
from pathlib import Path

from pydantic import BaseModel

from bot.catalog import calls, checking, golden, reference, yaml
from bot.core.detector import Detector
from bot.core.runbook import Runbook
from tests.catalog.conftest import KNOWN

PAGE = Path(__file__).parents[2] / "runbooks" / "README.md"


def example() -> Runbook:
    """The runbook that the page tells people to copy."""
    (text,) = re.findall(r"```yaml\n(runbook: .*?)```", PAGE.read_text(), re.DOTALL)
    return checking.check(yaml.parse(text.encode(), "runbooks/README.md"), Runbook)


def test_the_page_says_what_the_models_check() -> None:
    page = PAGE.read_text()

    assert reference.fill(page) == page, "write reference.fill(page) back to runbooks/README.md"


def test_the_example_of_the_page_loads_and_keeps_its_promises() -> None:
    runbook = example()

    assert list(calls.flaws(runbook, KNOWN)) == []
    assert [result.broken for result in golden.run_tests(runbook)] == [(), ()]


def test_the_detector_of_the_page_is_the_shipped_one_without_its_tests() -> None:
    (text,) = re.findall(r"```yaml\n(detector: .*?)```", PAGE.read_text(), re.DOTALL)
    shown = checking.check(yaml.parse(text.encode(), "runbooks/README.md"), Detector)
    path = PAGE.parent / "detectors" / f"{shown.detector}.yaml"
    shipped = checking.check(yaml.read(path, PAGE.parent), Detector)

    assert shown == shipped.model_copy(update={"tests": ()})


def test_every_field_has_a_meaning() -> None:
    silent: list[str] = []
    seen: set[type[BaseModel]] = set()
    waiting: list[type[BaseModel]] = [Runbook, Detector]
    while waiting:
        model = waiting.pop()
        seen.add(model)
        for name, field in checking.names(model).items():
            inner = checking.model_in(field.annotation)
            silent += [] if field.description else [f"{model.__name__}.{name}"]
            waiting += [inner] if inner is not None and inner not in seen else []

    assert silent == []


def test_filling_twice_changes_nothing_and_keeps_what_stands_around() -> None:
    once = reference.fill(f"before\n{reference.BEGIN}\nstale words\n{reference.END}\nafter\n")

    assert once.startswith("before\n")
    assert once.endswith("\nafter\n")
    assert "stale words" not in once
    assert reference.fill(once) == once
