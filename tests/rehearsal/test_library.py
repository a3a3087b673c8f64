"""The demo's library has the runbooks that are allowed in the demo, and needs no other system."""

from __future__ import annotations

from pathlib import Path

from bot.rehearsal import library


def test_a_runbook_that_is_not_allowed_in_the_demo_is_left_out(tmp_path: Path) -> None:
    written = library.write(tmp_path, {"shop": "http://127.0.0.1:1"})

    names = {path.stem for path in written.glob("*.yaml")}
    assert "restart-dead-service" in names
    assert "flush-redis-memory" not in names
