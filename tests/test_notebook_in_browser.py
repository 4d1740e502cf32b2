"""A notebook in a real JupyterLab in a real browser: the slider plot follows the keyboard."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")

from selenium.webdriver.common.keys import Keys  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMEDRIVER = shutil.which("chromedriver")
NO_BROWSER = CHROMIUM is None or CHROMEDRIVER is None
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(NO_BROWSER, reason="chromium and chromedriver are not both installed"),
]

SECONDS_TO_START = 90
SECONDS_TO_REACT = 60
SECONDS_TO_END = 15
PROJECT = Path(__file__).parents[1]

# Ten classes and four steps of a 4 x 4 picture: the favourite is 3 at first and 7 in the end.
SLIDER_PLOT = """
import numpy as np
from course_utils.plots import plot_continuous_classification

picture = np.arange(16, dtype="uint8").reshape(4, 4, 1) * 16
predictions = np.full((4, 10), 0.02)
predictions[:, 3] = [0.6, 0.5, 0.3, 0.1]
predictions[:, 7] = [0.2, 0.3, 0.5, 0.7]
plot_continuous_classification(picture, predictions)
"""


@dataclass(frozen=True)
class Server:
    """A running JupyterLab: its address, its token, and the folder that it serves."""

    address: str
    token: str
    folder: Path

    def page(self, notebook: str) -> str:
        return f"{self.address}/lab/tree/{notebook}?token={self.token}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab on the loopback interface, with a home folder of its own."""
    home = tmp_path_factory.mktemp("home")
    folder = tmp_path_factory.mktemp("notebooks")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    _ask_no_questions(home / "config")
    running = Server(f"http://127.0.0.1:{port}", secrets.token_hex(16), folder)
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "ServerApp.root_dir": folder,
        "IdentityProvider.token": running.token,
        "LabApp.extension_manager": "readonly",
    }
    command = [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())]
    environment = {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")])),
    }
    log = home / "jupyterlab.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command, env=environment, cwd=folder, stdout=output, stderr=output, start_new_session=True
        )
    try:
        until(lambda: _answers(running) or _raise_if_ended(process, log), SECONDS_TO_START, "JupyterLab answers")
        yield running
    finally:
        _end(process)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Any]:
    """A headless Chromium with an empty profile."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (
        "headless",
        "no-sandbox",
        "disable-gpu",
        "disable-dev-shm-usage",
        "disable-quic",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "window-size=1280,1500",
        f"user-data-dir={tmp_path / 'profile'}",
    ):
        options.add_argument(f"--{flag}")
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=CHROMEDRIVER))
    driver.set_page_load_timeout(SECONDS_TO_START)
    try:
        yield driver
    finally:
        driver.quit()


def test_the_slider_plot_follows_the_keyboard(server: Server, browser: Any) -> None:
    notebook = new_notebook(cells=[new_code_cell(SLIDER_PLOT)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, server.folder / "slider.ipynb")
    browser.get(server.page("slider.ipynb"))
    _run_first_cell(browser)

    handle = until(lambda: _visible(browser, ".widget-slider .noUi-handle"), SECONDS_TO_REACT, "there is a slider")
    picture = until(lambda: _visible(browser, "img.widget-image"), SECONDS_TO_REACT, "there is the plot of a step")
    until(lambda: "After 1 of 4 rows" in browser.page_source, SECONDS_TO_REACT, "the first step is described")
    first = picture.screenshot_as_png

    handle.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    until(lambda: "After 3 of 4 rows" in browser.page_source, SECONDS_TO_REACT, "the third step is described")
    assert "most probable are 7 (50 %) and 3 (30 %)" in browser.page_source
    until(lambda: picture.screenshot_as_png != first, SECONDS_TO_REACT, "the plot shows another step")

    handle.send_keys(Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    until(lambda: picture.screenshot_as_png == first, SECONDS_TO_REACT, "the plot shows the first step again")


def until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Waits until the condition is true, and returns what it gave; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds} s in vain until {what}")
        time.sleep(0.2)
    return result


def _ask_no_questions(config: Path) -> None:
    """Tells JupyterLab not to look for news, which it would ask about in front of the notebook."""
    settings = config / "lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))


def _run_first_cell(browser: Any) -> None:
    """Runs the notebook's first cell as a reader does, once the kernel is ready."""
    until(lambda: "| Idle" in _text(browser, "#jp-main-statusbar"), SECONDS_TO_START, "the kernel is ready")
    cell = until(lambda: _visible(browser, ".jp-CodeCell .cm-content"), SECONDS_TO_START, "the notebook is open")
    cell.click()
    cell.send_keys(Keys.SHIFT, Keys.ENTER)


def _visible(browser: Any, selector: str) -> Any:
    """The first element that the selector finds and that can be seen, or None."""
    seen = "return [...document.querySelectorAll(arguments[0])].find(element => element.offsetParent) ?? null"
    return browser.execute_script(seen, selector)


def _text(browser: Any, selector: str) -> str:
    """The text of the first element that the selector finds; empty, where there is none."""
    text = "return document.querySelector(arguments[0])?.innerText ?? ''"
    return str(browser.execute_script(text, selector))


def _answers(server: Server) -> bool:
    try:
        with urllib.request.urlopen(f"{server.address}/api?token={server.token}", timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _raise_if_ended(process: subprocess.Popen[bytes], log: Path) -> None:
    if process.poll() is not None:
        pytest.fail(f"JupyterLab ended with status {process.returncode}:\n{log.read_text()[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the server, which ends its kernels; what is left of its process group is ended after a while."""
    process.terminate()
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(SECONDS_TO_END)
