"""A kernel's life: start, interrupt, end, and nothing left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from probe import StartKernel

from course_utils.grading.kernels import kernelspec
from course_utils.grading.kernels.limits import Limits
from course_utils.grading.kernels.owner import KernelStartError, RunningKernel, Starter
from course_utils.grading.kernels.processes import descendants


def wait_until(condition: Callable[[], bool], within: float) -> None:
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, f"not so within {within} s"
        time.sleep(0.02)


def runs(process: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_warm_kernel_answers_much_sooner_than_tensorflow_is_imported(start_kernel: StartKernel) -> None:
    before = time.monotonic()
    kernel = start_kernel()
    answer = kernel.run("import tensorflow as tf; print(tf.__name__)")
    assert answer == "tensorflow\n"
    assert time.monotonic() - before < 4.0  # alone on the machine 0.5 s; an import takes 10 s


def test_a_model_trains_in_a_forked_kernel(start_kernel: StartKernel) -> None:
    report = start_kernel().json("""
        import json, keras, numpy as np, tensorflow as tf
        model = keras.Sequential([keras.layers.LSTM(4), keras.layers.Dense(1)])
        model.compile("adam", "mse")
        inputs = np.ones((32, 5, 3), "float32")
        pairs = tf.data.Dataset.from_tensor_slices((inputs, inputs[:, 0, :1]))
        history = model.fit(pairs.batch(8), epochs=3, verbose=0)
        model.save("model.keras")
        same = keras.models.load_model("model.keras")
        print(json.dumps({"losses": history.history["loss"], "same": bool(np.allclose(model(inputs), same(inputs)))}))
    """)
    assert report["same"]
    assert report["losses"][-1] < report["losses"][0]


def test_compiled_functions_and_threads_work_in_a_forked_kernel(start_kernel: StartKernel) -> None:
    report = start_kernel(Limits(threads=2)).json("""
        import json, tensorflow as tf, numpy as np
        from concurrent.futures import ThreadPoolExecutor
        from sklearn.linear_model import LogisticRegression

        @tf.function(jit_compile=True)
        def double(x):
            return x + x

        classifier = LogisticRegression().fit(np.arange(20.0)[:, None], np.arange(20) > 9)
        with ThreadPoolExecutor(4) as pool:
            squares = list(pool.map(lambda n: n * n, range(4)))
        print(json.dumps([float(double(tf.constant(3.0))), classifier.predict([[15.0]]).tolist(), squares]))
    """)
    assert report == [6.0, [True], [0, 1, 4, 9]]


def test_embedded_data_is_there_without_a_network(start_kernel: StartKernel) -> None:
    report = start_kernel().json("""
        import json, keras, tensorflow_datasets as tfds
        (train, _), _ = keras.datasets.mnist.load_data()
        image, _ = next(iter(tfds.load("mnist", split="train", as_supervised=True)))
        print(json.dumps([list(train.shape[1:]), list(image.shape)]))
    """)
    assert report == [[28, 28], [28, 28, 1]]


def test_no_two_kernels_draw_the_same_numbers(start_kernel: StartKernel) -> None:
    draw = "import numpy, random, keras; print(numpy.random.rand(), random.random(), float(keras.random.uniform(())))"
    first, second = (start_kernel().run(draw).split() for _ in range(2))
    assert all(one != other for one, other in zip(first, second, strict=True))


def test_an_interrupt_stops_a_loop_and_the_kernel_stays(start_kernel: StartKernel) -> None:
    kernel = start_kernel()
    kernel.begin("while True: pass")
    time.sleep(0.3)
    kernel.manager.interrupt_kernel()
    assert kernel.client.get_shell_msg(timeout=5)["content"]["ename"] == "KeyboardInterrupt"
    time.sleep(0.2)  # for so long after an error, ipykernel skips what comes in
    assert kernel.run("print('still here')") == "still here\n"


def test_a_loop_that_ignores_interrupts_is_killed(start_kernel: StartKernel) -> None:
    kernel = start_kernel()
    kernel.begin("""
        while True:
            try:
                while True: pass
            except KeyboardInterrupt:
                pass
    """)
    time.sleep(0.3)
    kernel.manager.interrupt_kernel()
    time.sleep(0.2)
    assert kernel.manager.is_alive()
    kernel.manager.shutdown_kernel(now=True)
    assert kernel.usage.ended == "killed"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os; os._exit(7)", "exited 7"),
        ("import ctypes; ctypes.string_at(0)", "signal SIGSEGV"),
        ("import os; os.kill(os.getpid(), 9)", "signal SIGKILL"),
    ],
)
def test_an_end_is_noticed_and_named_within_a_second(start_kernel: StartKernel, code: str, reason: str) -> None:
    kernel = start_kernel()
    kernel.begin(code)
    assert kernel.ended(within=1.0).ended == reason


def test_a_graceful_shutdown_ends_with_zero(start_kernel: StartKernel) -> None:
    kernel = start_kernel()
    kernel.run("1")
    kernel.manager.shutdown_kernel()
    assert kernel.usage.ended == "exited 0"


def test_a_restart_gives_a_new_kernel_in_the_same_place(start_kernel: StartKernel) -> None:
    kernel = start_kernel()
    kernel.run("value = 1")
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=30)
    assert kernel.run("value") == "NameError: name 'value' is not defined"


def test_nothing_is_left_of_a_kernel(sandboxed_starter: Starter, start_kernel: StartKernel, tmp_path: Path) -> None:
    before = {*sandboxed_starter.folder.iterdir()}
    kernel = start_kernel()
    kernel.run("""
        import atexit, os, subprocess, sys, threading, time
        atexit.register(time.sleep, 60)
        threading.Thread(target=time.sleep, args=(60,)).start()
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(60)
            os._exit(0)
    """)
    assert len(descendants(sandboxed_starter.pid)) >= 4  # keeper, process 1, kernel, daemon
    kernel.stop()
    wait_until(lambda: not descendants(sandboxed_starter.pid), within=1.0)  # none runs, none is a zombie
    assert {*sandboxed_starter.folder.iterdir()} == before
    assert not [*tmp_path.iterdir()]


def test_usage_is_reported(start_kernel: StartKernel) -> None:
    kernel = start_kernel()
    kernel.run("import time; data = bytearray(300_000_000); end = time.process_time() + 0.5")
    kernel.run("while time.process_time() < end: pass")
    time.sleep(0.2)
    usage = kernel.usage
    assert usage.ended is None
    assert 300e6 < usage.peak_memory_bytes < 600e6
    assert 0.5 < usage.cpu_seconds < usage.wall_seconds + 5.0
    kernel.manager.shutdown_kernel(now=True)
    assert kernel.usage.ended == "killed"
    assert kernel.usage.cpu_seconds >= usage.cpu_seconds


def test_jupyter_finds_the_kernelspecs(sandboxed_starter: Starter) -> None:
    assert {kernelspec.WARM, kernelspec.WARM_UNSANDBOXED} <= KernelSpecManager().find_kernel_specs().keys()


def test_nbclient_runs_a_notebook_in_a_warm_kernel(sandboxed_starter: Starter, tmp_path: Path) -> None:
    cells = [nbformat.v4.new_code_cell("import os; print(os.getcwd())")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    resources = {"metadata": {"path": str(tmp_path)}}
    client = NotebookClient(notebook, kernel_name=kernelspec.WARM, resources=resources, shutdown_kernel="immediate")
    client.execute()
    assert notebook.cells[0].outputs[0].text == "/scratch\n"


def test_a_submission_that_does_not_fit_in_is_refused_by_name(start_kernel: StartKernel, tmp_path: Path) -> None:
    (tmp_path / "large.bin").write_bytes(bytes(3 << 20))
    with pytest.raises(KernelStartError, match="No space left"):
        start_kernel(Limits(disk_bytes=1 << 20))


def test_a_starter_that_is_gone_is_an_error_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(KernelStartError, match=str(tmp_path)):
        RunningKernel(tmp_path, tmp_path / "c.json", tmp_path, Limits())


OWNER = """
    import os, sys, tempfile, time
    from course_utils.grading.kernels import kernelspec, owner
    from jupyter_client.manager import KernelManager
    kernelspec.announce()
    starter = owner.Starter(sys.argv[1], modules=("ipykernel.kernelapp", "ipykernel.ipkernel"))
    os.environ["COURSE_STARTER"] = os.environ["COURSE_STARTER_UNSANDBOXED"] = str(starter.folder)
    manager = KernelManager(kernel_name=sys.argv[2])
    manager.start_kernel(cwd=tempfile.mkdtemp(dir=sys.argv[3]))
    print(starter.pid, starter.folder, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("victim", ["owner", "starter"])
@pytest.mark.parametrize("name", [kernelspec.WARM, kernelspec.WARM_UNSANDBOXED])
def test_kernels_end_with_their_owner_and_with_their_starter(
    sandboxed_starter: Starter, victim: str, name: str, tmp_path: Path
) -> None:
    confinement = "sandboxed" if name == kernelspec.WARM else "unsandboxed"
    owner = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(OWNER), confinement, name, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    with owner:  # waits for its end
        starter, folder = owner.stdout.readline().split()
        kept = descendants(int(starter))
        assert len(kept) >= 3
        os.kill(owner.pid if victim == "owner" else int(starter), signal.SIGKILL)
        wait_until(lambda: not any(map(runs, kept)), within=5.0)
        if victim == "owner":
            wait_until(lambda: not Path(folder).exists(), within=5.0)
        owner.kill()
        shutil.rmtree(folder, ignore_errors=True)  # nobody is left to do it


@pytest.mark.parametrize("name", [kernelspec.WARM, kernelspec.WARM_UNSANDBOXED])
def test_a_long_path_for_temporary_files_does_not_keep_kernels_from_starting(
    sandboxed_starter: Starter, name: str, tmp_path: Path
) -> None:
    deep = tmp_path / ("deep" * 30)  # no Unix socket's path fits in below
    deep.mkdir()
    confinement = "sandboxed" if name == kernelspec.WARM else "unsandboxed"
    owner = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(OWNER), confinement, name, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(deep)},
    )
    assert owner.stdout is not None
    with owner:
        _, folder = owner.stdout.readline().split()
        assert len(folder) < 100
        owner.kill()
        wait_until(lambda: not Path(folder).exists(), within=5.0)


def test_what_a_cell_prints_arrives_whole_and_before_its_end(start_kernel: StartKernel) -> None:
    kernel = start_kernel()
    for number in range(30):
        code = f"import sys\nfor i in range({number}): print(i); sys.stderr.write('')\nsys.stdout.write('end')"
        assert kernel.run(code) == "".join(f"{i}\n" for i in range(number)) + "end"


def test_cells_that_await_run_one_after_the_other(start_kernel: StartKernel) -> None:
    kernel = start_kernel()
    waiting = "import asyncio\nawait asyncio.sleep(0.2)\nprint('slept')"
    first, second = kernel.client.execute(waiting), kernel.client.execute("print('after')")
    answers = [kernel.client.get_shell_msg(timeout=10) for _ in range(2)]
    assert [answer["parent_header"]["msg_id"] for answer in answers] == [first, second]
    assert [answer["content"]["status"] for answer in answers] == ["ok", "ok"]
    assert kernel.run("await asyncio.sleep(0)\nprint('again')").endswith("again\n")


def test_an_error_in_a_graph_says_what_was_wrong_and_with_which_operation(start_kernel: StartKernel) -> None:
    report = start_kernel().json("""
        import json, tensorflow as tf
        @tf.function
        def taken(number):
            return tf.gather([5, 6], number)
        try:
            taken(tf.constant(2))
        except tf.errors.InvalidArgumentError as error:
            print(json.dumps(str(error)))
    """)
    assert "indices = 2 is not in [0, 2)" in report
    assert "GatherV2" in report
