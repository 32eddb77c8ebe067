"""One process plays on a file, and a killed one does not keep it."""

import os
import subprocess
import sys

import pytest

from sparring.adapters.store import PlayingLock
from sparring.domain.errors import Conflict, DatabaseUnusable

HOLDER = """
import sys
from pathlib import Path
from sparring.adapters.store import PlayingLock
lock = PlayingLock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sparring.db"


@pytest.fixture
def holder(path):
    """Another process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), "hold"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "True\n"
    yield process
    process.kill()
    process.communicate()


def test_the_lock_of_a_free_file_is_taken_and_let_go(path):
    lock = PlayingLock(path)
    assert lock.acquire() and lock.acquire()
    assert lock.held
    lock.release()
    assert not lock.held
    with PlayingLock(path) as next_one:
        assert next_one.held


def test_another_process_keeps_the_lock_and_its_number_is_told(path, holder):
    lock = PlayingLock(path)
    assert not lock.acquire()
    assert not lock.held
    assert lock.holder == holder.pid
    with pytest.raises(Conflict, match=f"Process {holder.pid} plays on the database .*sparring.db already"), lock:
        pass


def test_a_killed_process_lets_go(path, holder):
    holder.kill()
    holder.wait()
    with PlayingLock(path) as lock:
        assert lock.held


def test_whether_the_holder_plays_everything_is_told(path):
    lock = PlayingLock(path)
    assert not lock.plays_everything
    with PlayingLock(path) as one:
        assert (lock.holder, lock.plays_everything) == (one.holder, False)
    lock.acquire(everything=True)
    other = PlayingLock(path)
    assert not other.acquire()
    assert (other.holder, other.plays_everything) == (os.getpid(), True)
    lock.release()


def test_two_in_one_process_exclude_each_other(path):
    with PlayingLock(path):
        assert not PlayingLock(path).acquire()
    with PlayingLock(path) as lock:
        assert lock.held


def test_a_lock_that_nobody_ever_took_has_no_holder(path):
    assert PlayingLock(path).holder is None


def test_a_place_where_no_lock_can_be_is_told(tmp_path):
    with pytest.raises(DatabaseUnusable, match=r"lock file .* cannot be written"):
        PlayingLock(tmp_path / "nowhere" / "sparring.db").acquire()
