"""One process owns the file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.core.errors import ConfigurationError
from bot.store.lock import Lock, owner

SECOND = "import sys, pathlib; from bot.store.lock import Lock; Lock(pathlib.Path(sys.argv[1]))"


def second_process(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", SECOND, str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


def test_a_second_process_is_refused_and_told_who_holds_the_file(path: Path) -> None:
    lock = Lock(path)

    refused = second_process(path)
    lock.release()

    assert refused.returncode == 1
    assert f"heal.db is in use by another process (pid {os.getpid()}); stop it" in refused.stderr


def test_the_file_is_free_once_it_is_released(path: Path) -> None:
    Lock(path).release()

    assert second_process(path).returncode == 0


def test_a_dead_process_holds_nothing(path: Path) -> None:
    assert second_process(path).returncode == 0

    Lock(path).release()


def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    Lock(tmp_path / "var" / "lib" / "heal.db").release()

    assert (tmp_path / "var" / "lib").is_dir()


def test_a_place_that_cannot_be_written_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationError, match="choose a place on a local disk"):
        Lock(tmp_path / "file" / "heal.db")


def test_the_owner_can_be_asked_for_without_a_lock(path: Path) -> None:
    before = owner(path)
    lock = Lock(path)
    during = owner(path)
    lock.release()

    assert (before, during, owner(path)) == ("", str(os.getpid()), "")
