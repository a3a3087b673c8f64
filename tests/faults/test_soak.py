"""A long life leaves nothing open; `python -m tests.faults.soak` lives longer and weighs memory."""

from __future__ import annotations

from pathlib import Path

from tests.faults.soak import AT_ONCE, Measured, Soak


async def test_e09_run_after_run_leaves_no_file_and_no_thread_open(tmp_path: Path) -> None:
    soak = Soak(runs=3 * AT_ONCE, looks=3)
    await soak.play(tmp_path)

    assert [one.runs for one in soak.measured] == [8, 16, 24]
    assert soak.leaks == []


def test_a_leak_is_told() -> None:
    soak = Soak(0, measured=[Measured(n, 1000 + 10 * n, 20 + n, 8) for n in range(1, 11)])

    assert soak.leaks == ["files from 21 to 30", "files at each look"]
    assert soak.growth == 10
