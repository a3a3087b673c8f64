"""What people wrote down is found by its exact name, never by a near one."""

from __future__ import annotations

from tests import builders


def test_a_runbook_is_found_by_its_name() -> None:
    book = builders.a_runbook()
    library = builders.a_library(book)

    assert (library.runbook("raise-pool"), library.runbook("raise")) == (book, None)


def test_a_service_is_found_in_its_own_environment_only() -> None:
    library = builders.a_library()

    assert library.service("shop", "production") == builders.a_service()
    assert library.service("shop", "staging") is None
    assert library.service("sho", "production") is None
    assert library.service("", "") is None
