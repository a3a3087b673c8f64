"""To import is to learn names: no file is written, no socket opened, nothing started by it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.rules import house

WATCH = """
import importlib, json, os, sys, threading
deeds, now = [], ""
FORBIDDEN = {"socket.connect", "socket.bind", "subprocess.Popen", "os.system", "os.mkdir",
             "os.remove", "os.rename", "os.rmdir", "os.putenv", "sqlite3.connect",
             "os.fork", "os.exec", "os.posix_spawn"}

def heard(event, arguments):
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (
        os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if writes or event in FORBIDDEN:
        deeds.append(f"importing {now}: {event} {str(arguments)[:200]}")

def started(thread):
    deeds.append(f"importing {now}: a thread {thread.name} is started")

sys.addaudithook(heard)
threading.Thread.start = started
for now in json.load(sys.stdin):
    importlib.import_module(now)
print(json.dumps(deeds))
"""

LATER = {
    "bot.__main__": "it runs what it is asked for",
    "bot.clients.ssh": "asyncssh looks for libraries with ldconfig, gcc and ld when it is loaded",
}
"""Imported by nobody before it is needed, and why that is."""


def side_effects(names: list[str], where: Path) -> list[str]:
    """What happened while these modules were imported, one after the other, in a fresh process."""
    ended = subprocess.run(
        [sys.executable, "-B", "-c", WATCH],
        input=json.dumps(names), env={"PYTHONPATH": f"{house.ROOT}:{where}"},
        cwd=where, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    found: list[str] = json.loads(ended.stdout)
    return found


def test_importing_every_module_does_nothing(tmp_path: Path) -> None:
    names = [one.name for one in house.modules() if one.name not in LATER]

    assert side_effects(names, tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_the_rule_sees_a_file_a_thread_and_a_socket(tmp_path: Path) -> None:
    (tmp_path / "busy.py").write_text(
        "import socket, threading\n"
        "open('left.txt', 'w').close()\n"
        "threading.Thread(target=print).start()\n"
        "with socket.socket() as s: s.bind(('127.0.0.1', 0))\n"
    )
    found = " ".join(side_effects(["busy"], tmp_path))

    seen = [deed in found for deed in ("busy: open", "busy: a thread", "busy: socket.bind")]
    assert seen == [True] * 3
