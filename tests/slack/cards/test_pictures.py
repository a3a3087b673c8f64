"""docs/cards shows every golden card as it is now: `python -m tests.slack.cards.pictures` draws."""

from __future__ import annotations

from tests.rules import house
from tests.slack.cards import pictures


def test_every_golden_card_has_a_picture_that_was_made_from_it() -> None:
    assert list(pictures.stale()) == [], "run python -m tests.slack.cards.pictures"


def test_no_picture_is_left_of_a_card_that_is_gone() -> None:
    assert {file.name for file in pictures.FOLDER.glob("*.png")} == set(pictures.sources())


def test_the_page_of_pictures_shows_each_of_them_once() -> None:
    page = (pictures.FOLDER / "README.md").read_text(encoding="utf-8")

    assert page == pictures.page()
    assert "cards/README.md" in (house.ROOT / "docs" / "cards.md").read_text(encoding="utf-8")


def test_a_picture_names_what_it_was_made_from_and_another_file_names_nothing() -> None:
    (name, files), *_ = pictures.sources().items()
    picture = (pictures.FOLDER / name).read_bytes()

    assert pictures.made_from(picture) == pictures.hash_of(files)
    assert pictures.made_from(picture[:40]) == ""
