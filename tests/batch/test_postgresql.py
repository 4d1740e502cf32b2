"""The gradebook on a PostgreSQL server, named by its URL in nbgrader_config.py."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from course_utils.grading.gradebook import GradebookWriter

from . import tiny
from .conftest import Grade

pytest.importorskip("psycopg", reason="psycopg is not installed: pip install course-utils[postgresql]")


def _program(name: str) -> str | None:
    """A program of PostgreSQL's server, which Debian keeps off the PATH."""
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), Path("/usr/local/bin")]
    return next((str(place / name) for place in places if (place / name).exists()), shutil.which(name))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of an empty database on a server of the test's own, on loopback."""
    initdb, postgres = _program("initdb"), _program("postgres")
    if initdb is None or postgres is None:
        pytest.skip("no PostgreSQL server on this machine; on Debian: apt-get install postgresql")
    user = None
    if os.getuid() == 0:  # the server refuses to run as root
        names = {entry.pw_name for entry in pwd.getpwall()}
        user = next((name for name in ("postgres", "nobody") if name in names), None)
        if user is None:
            pytest.skip("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        if user is not None:
            shutil.chown(folder, user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = {"cwd": folder, "user": user, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        made = subprocess.run(
            [initdb, "-D", f"{folder}/data", "-U", "course", "-A", "trust", "--no-sync"], check=False, **options
        )
        if made.returncode != 0:
            pytest.skip(f"initdb failed: {made.stdout[-300:]}")
        where = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
        process = subprocess.Popen([postgres, "-D", f"{folder}/data", "-p", str(port), *where], **options)
        try:
            _wait_for(port, process)
            yield f"postgresql+psycopg://course@127.0.0.1:{port}/postgres"
        finally:
            process.terminate()
            process.communicate(timeout=30)


def _wait_for(port: int, process: subprocess.Popen) -> None:
    import psycopg

    end = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="course", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.2)


def test_marks_stand_in_the_database_that_the_url_names(server: str, grade: Grade, tmp_path: Path) -> None:
    long_name = "李" * 60
    course = tiny.make_course(tmp_path / "course", {"ada": tiny.answer(), "ben": tiny.answer(tiny.BLANK)})
    tiny.hand_in(course, long_name, tiny.answer("print(chr(0)); raise ValueError(chr(0))"))
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f'\nc.CourseDirectory.db_url = "{server}"\n')
    first = grade(course)
    assert sorted(first.scores().values()) == [2.0, 2.0, 4.0]
    assert GradebookWriter(course).scores(tiny.NAME) == first.scores()
    assert not (course / "gradebook.db").exists()
    tiny.hand_in(course, "ben", tiny.answer())
    assert grade(course).fresh == ["ben"]
    assert GradebookWriter(course).scores(tiny.NAME)["ben"] == 4.0
