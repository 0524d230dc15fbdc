"""A Dask cluster of separate worker processes, one of which is killed: the result is that of one machine."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner

from blattwerk.build.order.class_list import Student
from blattwerk.build.order.ordered import Ordered, order
from blattwerk.build.order.sheet_file import checked_sheet
from blattwerk.cli import app
from tests.build.classes import built, contents

SHEET = checked_sheet(
    {"course": {"title": "ML"}, "sheet": {"title": "S"}, "exercises": [{"id": "kl_normal_1d"}]}, "sheet"
)


def orders(count: int) -> tuple[Ordered, ...]:
    """A class, in English."""
    return order(SHEET, tuple(Student(f"s{i:03d}") for i in range(count)), 7, ("en",))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list["subprocess.Popen[bytes]"]]]:
    """A scheduler and two workers, each a process of its own, on this machine."""
    log = (tmp_path / "scheduler.log").open("w")
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(tmp_path / "s.json")]
    scheduler = subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_scheduler", *options], stderr=log)
    while not (tmp_path / "s.json").exists():
        assert scheduler.poll() is None, (tmp_path / "scheduler.log").read_text()
        time.sleep(0.05)
    import json

    address = json.loads((tmp_path / "s.json").read_text())["address"]
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
    workers = [
        subprocess.Popen([*command, "--no-dashboard", "--local-directory", str(tmp_path / f"w{i}")], stderr=log)
        for i in range(2)
    ]
    yield address, workers
    for process in (*workers, scheduler):
        process.kill()
        process.wait()
    log.close()


@pytest.mark.filterwarnings("default")  # Dask's own warnings are not ours to mend
def test_a_cluster_makes_the_same_bytes_though_a_worker_dies(
    cluster: tuple[str, list["subprocess.Popen[bytes]"]], tmp_path: Path
) -> None:
    """40 sheets in four chunks; the first worker is killed as soon as one chunk is done."""
    from distributed import Client

    address, workers = cluster
    progressed = threading.Event()

    def progress(what: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
        return nullcontext(lambda count: progressed.set() if count else None)

    def kill() -> None:
        progressed.wait(120)
        os.kill(workers[0].pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with Client(address, timeout="60s") as client:
        client.wait_for_workers(2, timeout=60)
        executor = client.get_executor(pure=False, retries=2)
        report, records = built(orders(40), tmp_path / "cluster", executor, progress)
    killer.join()
    assert workers[0].wait(10) == -signal.SIGKILL
    assert not report.failures
    assert len(records) == 40
    built(orders(40), tmp_path / "local")
    assert contents(tmp_path / "cluster") == contents(tmp_path / "local")


@pytest.mark.filterwarnings("default")
def test_no_scheduler_is_an_error_with_its_address(tmp_path: Path) -> None:
    """Not a traceback."""
    result = CliRunner().invoke(app, ["build", "--seed", "1", "--dask", "nonsense", "--out", str(tmp_path)])
    assert result.exit_code == 1
    assert "no Dask scheduler answers at nonsense" in str(result.exception)
