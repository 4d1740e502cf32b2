"""A machine that can't confine kernels is found out, and grading on it is refused."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import pytest
from jupyter_client.manager import KernelManager

from course_utils.grading.kernels import kernelspec, support
from course_utils.grading.kernels.owner import SANDBOXED, Starter
from course_utils.grading.kernels.support import SandboxUnavailable, Support

WITHOUT_NAMESPACES = """
    import json, os
    from pathlib import Path
    from course_utils.grading.kernels import linux, support
    user = os.getuid()
    linux.unshare(linux.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {user} 1")
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    print(json.dumps(support.missing_here()))
"""


def missing_after(code: str) -> list[str]:
    """What is missing in a process that has run `code`, which prints it."""
    process = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True, timeout=60
    )
    missing: list[str] = json.loads(process.stdout)
    return missing


def test_a_machine_without_user_namespaces_is_found_out() -> None:
    if not support.available().ok:
        pytest.skip("this machine has no user namespaces to take away")
    (missing,) = missing_after(WITHOUT_NAMESPACES)
    assert "max_user_namespaces" in missing


def test_an_unknown_processor_is_found_out() -> None:
    (missing,) = missing_after("""
        import json, platform
        from course_utils.grading.kernels import support
        platform.machine = lambda: "riscv64"
        print(json.dumps(support.missing_here()))
    """)
    assert "riscv64" in missing


@pytest.fixture
def poor_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes this machine seem to lack Landlock, with no starter running."""
    monkeypatch.setattr(support, "available", lambda: Support(False, ("Landlock (Linux 5.13)",)))
    monkeypatch.delenv("COURSE_STARTER", raising=False)


@pytest.mark.usefixtures("poor_machine")
def test_a_machine_without_support_starts_no_starter() -> None:
    with pytest.raises(SandboxUnavailable, match=r"Landlock \(Linux 5.13\).*--unsandboxed"):
        Starter(SANDBOXED)


@pytest.mark.usefixtures("poor_machine")
def test_a_machine_without_support_starts_no_kernel() -> None:
    kernelspec.announce()
    with pytest.raises(SandboxUnavailable, match="Landlock"):
        KernelManager(kernel_name=kernelspec.WARM).start_kernel()


def test_an_unknown_confinement_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'chroot', expected one of \['sandboxed', 'unsandboxed'\]"):
        Starter("chroot")
