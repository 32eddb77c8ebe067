"""Who plays on a database file: one process at a time."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from sparring.domain.errors import Conflict, DatabaseUnusable

if sys.platform != "win32":
    import fcntl

EVERYTHING = " everything"


class PlayingLock:
    """The right to play trials on one database file.

    It is the kernel's lock on a file beside the database, so it ends with its process however that ends. Reading
    and writing the database does not need it.
    """

    def __init__(self, database: Path) -> None:
        """Of that database file; nothing is locked yet."""
        self._path = database.with_name(database.name + ".lock")
        self._database = database
        self._file: IO[str] | None = None

    def acquire(self, *, everything: bool = False) -> bool:
        """Take the lock, unless another process or another holder in this one has it.

        Args:
            everything: whether its holder plays whatever comes into the database, as a server does; others are
                told so.

        Raises:
            DatabaseUnusable: the file of the lock cannot be written.
        """
        if self._file is not None:
            return True
        try:
            file = self._path.open("a+", encoding="ascii")
        except OSError as error:
            raise DatabaseUnusable(f"The lock file {self._path} cannot be written: {error.strerror}.") from None
        if not _lock(file):
            file.close()
            return False
        file.truncate(0)
        file.write(f"{os.getpid()}{EVERYTHING if everything else ''}\n")
        file.flush()
        self._file = file
        return True

    def release(self) -> None:
        """Let go of the lock; the file stays, because taking it away could take it from the next holder."""
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def held(self) -> bool:
        """Whether this object holds it."""
        return self._file is not None

    @property
    def holder(self) -> int | None:
        """The process that took it last, which holds it still if `acquire` said no."""
        with suppress(OSError, ValueError):
            return int(self._path.read_text(encoding="ascii").removesuffix("\n").removesuffix(EVERYTHING))
        return None

    @property
    def plays_everything(self) -> bool:
        """Whether that process plays whatever comes into the database, and not only what it began itself."""
        with suppress(OSError, ValueError):
            return self._path.read_text(encoding="ascii").endswith(f"{EVERYTHING}\n")
        return False

    def __enter__(self) -> PlayingLock:
        """Take the lock.

        Raises:
            Conflict: another process plays on this database.
        """
        if not self.acquire():
            raise Conflict(f"Process {self.holder} plays on the database {self._database} already.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class NoLock(PlayingLock):
    """Of a database on which any number of processes play."""

    def __init__(self) -> None:
        """There is nothing to lock."""
        super().__init__(Path("nothing"))

    def acquire(self, *, everything: bool = False) -> bool:
        """Always."""
        return True

    @property
    def held(self) -> bool:
        """Always."""
        return True

    @property
    def holder(self) -> int | None:
        """Nobody."""
        return None

    @property
    def plays_everything(self) -> bool:
        """Nobody does."""
        return False


def _lock(file: IO[str]) -> bool:
    if sys.platform == "win32":  # It has no flock, and this program no other lock for it.
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
