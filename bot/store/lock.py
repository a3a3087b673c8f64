"""One process owns the file: a second one is refused before it can act on the same incidents."""

from __future__ import annotations

import fcntl
import os
from contextlib import ExitStack
from pathlib import Path

from bot.core.errors import ConfigurationError


class Lock:
    """An advisory lock on a file beside the database; the kernel drops it when its process dies."""

    def __init__(self, path: Path) -> None:
        """Raises ConfigurationError while another process holds it."""
        self._beside = beside = path.with_name(f"{path.name}.lock")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with ExitStack() as undo:
                self._file = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                undo.callback(os.close, self._file)
                self._take(path)
                undo.pop_all()
        except OSError as error:
            raise ConfigurationError(
                f"{beside} cannot be locked: {error.strerror}; "
                "choose a place on a local disk that this process may write to"
            ) from error

    def _take(self, path: Path) -> None:
        """Lock it and leave our pid in it, for the message that the next process gets."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = _pid(self._file)
            raise ConfigurationError(
                f"{path} is in use by another process (pid {owner}); "
                "stop it first, or give this one a ledger of its own"
            ) from error
        os.truncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def insist(self) -> None:
        """Raises OSError once the file was removed or replaced: then another process may own it."""
        if not os.path.samestat(self._beside.stat(), os.fstat(self._file)):
            raise FileNotFoundError(f"{self._beside} was replaced")

    def release(self) -> None:
        """Lets the next process in; the file stays, for removing it would let two in."""
        os.close(self._file)


def owner(path: Path) -> str:
    """
    The pid of the process that owns this database now, empty when none does.

    Asked by a shared lock that is given back at once, so that nobody is kept out by the question.
    """
    try:
        file = os.open(path.with_name(f"{path.name}.lock"), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _pid(file)
    finally:
        os.close(file)
    return ""


def _pid(file: int) -> str:
    return os.pread(file, 20, 0).decode("ascii", "replace").strip() or "unknown"
