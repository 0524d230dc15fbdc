"""The one edge to Jupyter: a notebook in, the same notebook executed out.

The kernel has a folder of its own for everything that it writes, no port (it is reached by sockets in that folder), and
no life of its own: it is killed after the last cell, at a mistake, when a cell takes too long, and when we are
interrupted; should we be killed ourselves, it is killed with us.
"""

import asyncio
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

from blattwerk.build.files import work_folder
from blattwerk.build.libraries import check_extra
from blattwerk.build.lifeline import guarded
from blattwerk.build.notebooks.cells import to_bytes
from blattwerk.errors import NotebookFailure

SECONDS = 300  # for one cell


def executed(notebook: bytes, seconds: int = SECONDS) -> bytes:
    """The notebook with what its cells print and draw; raises NotebookFailure with the cell and Python's message."""
    check_extra("notebooks", "notebooks")
    import nbformat

    content = nbformat.reads(notebook.decode(), as_version=4)
    with work_folder() as folder:
        _wait_for(_execute(content, folder, seconds))
    return to_bytes(content)


def _wait_for(work: Any) -> None:
    """Run a coroutine in a thread of its own, so that signals reach the one that waits; it is cancelled with us."""
    with closing(asyncio.new_event_loop()) as loop, ThreadPoolExecutor(1) as thread:
        task = loop.create_task(work)
        future = thread.submit(loop.run_until_complete, task)
        try:
            future.result()
        finally:
            if not future.done():
                loop.call_soon_threadsafe(task.cancel)


async def _execute(content: Any, folder: Path, seconds: int) -> None:
    """Run all cells in a new kernel; whatever happens, no kernel is left."""
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    # No folder of kernels: then it is the kernel of the Python that runs us.
    specs = KernelSpecManager(kernel_dirs=[])
    file = str(folder / "kernel.json")
    manager = AsyncKernelManager(kernel_spec_manager=specs, transport="ipc", connection_file=file)
    client = NotebookClient(content, km=manager, timeout=seconds, record_timing=False, coalesce_streams=True)
    spec = manager.kernel_spec
    assert spec is not None, "the kernel of the Python that runs us is always there"
    with guarded(spec.argv) as (spec.argv, lifeline):
        try:
            await _start(manager, client, folder, lifeline)
            for index, cell in enumerate(content.cells):
                await _execute_cell(client, cell, index)
        finally:
            if client.kc:
                client.kc.stop_channels()
            if manager.has_kernel:
                await manager.shutdown_kernel(now=True)
            await _end_others()


async def _start(manager: Any, client: Any, folder: Path, lifeline: int) -> None:
    try:
        await manager.start_kernel(
            cwd=str(folder),
            stdin=lifeline,
            env=_environment(folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            extra_arguments=["--HistoryManager.hist_file=:memory:"],
        )
        await client.async_start_new_kernel_client()
    except Exception as error:
        raise NotebookFailure(f"no kernel could be started: {type(error).__name__}: {error}") from error


async def _execute_cell(client: Any, cell: Any, index: int) -> None:
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    try:
        await client.async_execute_cell(cell, index)
    except CellExecutionError as error:
        raise NotebookFailure(f"cell '{cell.id}': {error.ename}: {error.evalue[:300]}") from error
    except CellTimeoutError as error:
        raise NotebookFailure(f"cell '{cell.id}' did not end within {client.timeout} s and was stopped") from error
    except DeadKernelError as error:
        raise NotebookFailure(f"cell '{cell.id}': the kernel died; was there too little memory?") from error


async def _end_others() -> None:
    """Cancel what nbclient has left running in this loop."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for other in others:
        other.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _environment(folder: Path) -> dict[str, str]:
    """Ours, but with nothing of the user's settings for Jupyter and matplotlib, and with one thread."""
    import matplotlib

    settings = {
        "IPYTHONDIR": str(folder),
        "JUPYTER_CONFIG_DIR": str(folder),
        "MATPLOTLIBRC": str(Path(matplotlib.get_data_path()) / "matplotlibrc"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OMP_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
    }
    return {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"} | settings
