"""The pages do not lie: what they copy from the code is compared, where they point exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rules import house, papers

REMEDY = "write it anew: .venv/bin/python -m tests.rules.papers"
MACHINES = re.compile(r"(?:^|[^\w.<-])/(?:wor[k]|roo[t]|far[m]|hom[e])/\w", re.MULTILINE)
REGISTRIES = re.compile(r"https?://[a-z.]*(?:p[y]pi|pythonhoste[d]|npm[j]s|[d]ebian)\.(?:org|com)")


@pytest.mark.parametrize("page", papers.PAGES, ids=house.place)
def test_what_a_page_copies_from_the_code_is_as_the_code_says(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert papers.filled(text) == text, f"{house.place(page)} is stale; {REMEDY}"


@pytest.mark.parametrize("page", papers.PAGES, ids=house.place)
def test_every_part_stands_on_its_page_once(page: Path) -> None:
    found = re.findall(r"<!-- (?:table|picture): ([\w-]+) -->", page.read_text(encoding="utf-8"))

    assert list(papers.PAGES[page]) == found


def test_every_room_of_the_house_stands_in_the_readme() -> None:
    rooms = {one.name.split(".")[1] for one in house.modules() if one.name != "bot"}

    assert sorted(rooms) == sorted(papers.floors())


def test_the_readmes_two_commands_are_where_the_workshop_looks_for_them() -> None:
    text = papers.README.read_text(encoding="utf-8")
    found = dict(re.findall(r"<!-- command: (\w+) -->\n```bash\n(.*)\n```\n<!-- end -->", text))

    assert found["demo"].endswith(" && .venv/bin/heal demo")
    assert found["test"].endswith(" && .venv/bin/pytest")


def test_the_reading_order_is_under_800_lines() -> None:
    text = papers.README.read_text(encoding="utf-8")
    order = text.partition("### Reading order")[2].partition("###")[0]
    files = re.findall(r"\]\((bot/[\w/]+\.py)\)", order)

    assert len(files) == 7
    assert sum(len((house.ROOT / one).read_text().splitlines()) for one in files) < 800


def test_the_changelog_has_a_place_for_what_is_not_released() -> None:
    text = (house.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert re.findall(r"^## \[(.*?)\]", text, re.MULTILINE)[0] == "Unreleased"


def test_the_guide_for_contributors_is_short() -> None:
    text = (house.ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")

    prose = re.sub(r"```python\n.*?```", "", text, flags=re.DOTALL)

    assert len(prose.splitlines()) <= 40


def links(page: Path) -> Iterator[str]:
    """Where a page points to within the clone; examples and comments point nowhere."""
    text = page.read_text(encoding="utf-8")
    for hidden in (r"```.*?```", r"<!--.*?-->", r"`[^`\n]*`"):
        text = re.sub(hidden, "", text, flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            yield target.partition("#")[0]


@pytest.mark.parametrize("page", house.pages(), ids=house.place)
def test_every_link_within_the_clone_leads_somewhere(page: Path) -> None:
    lost = [one for one in links(page) if one and not (page.parent / one).exists()]

    assert lost == []


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = {
        house.place(path): [*MACHINES.findall(text), *REGISTRIES.findall(text)]
        for path in house.texts()
        if MACHINES.search(text := path.read_text(encoding="utf-8")) or REGISTRIES.search(text)
    }

    assert found == {}
