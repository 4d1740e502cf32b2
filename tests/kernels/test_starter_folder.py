"""Which starter a process turns to: the one that the environment names, unless it is gone."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from course_utils.grading.kernels import owner


class OfItsOwn:
    """In the place of a starter that would import TensorFlow."""

    running = True

    def __init__(self, confinement: str) -> None:
        self.folder = Path("own")

    def stop(self) -> None:
        """Nothing to stop."""


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(owner._VARIABLES[owner.SANDBOXED], str(tmp_path))
    monkeypatch.setattr(owner, "Starter", OfItsOwn)
    monkeypatch.setattr(owner, "_own", {})
    return tmp_path


def test_a_starter_that_listens_is_used(named: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(named / owner.SOCKET))
        listener.listen()
        assert owner.starter_folder(owner.SANDBOXED) == named


def test_the_socket_that_a_killed_starter_left_behind_is_not(named: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(named / owner.SOCKET))
    assert owner.starter_folder(owner.SANDBOXED) == Path("own")


def test_where_no_short_folder_can_be_written_to_the_error_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner.os, "access", lambda *_: False)
    with pytest.raises(owner.KernelStartError, match="set TMPDIR to a shorter one"):
        owner._root_for_sockets()


def test_a_starter_that_is_stopped_while_it_gets_warm_ends_at_once_and_leaves_nothing() -> None:
    starter = owner.Starter(owner.UNSANDBOXED, wait=False)
    assert starter.running
    began = time.monotonic()
    starter.stop()
    assert time.monotonic() - began < 4, "it was waited for"
    assert not starter.running
    assert not starter.folder.exists()
