"""A limit of time in a thread that is not the main one: it stops what has no end, and leaves nothing behind."""

import subprocess
import sys

import pytest

LIMITED = """
import sys, threading, time
from blattwerk.build.limits import TimeUp, within

def in_time():
    with within(60):
        pass

def late():
    try:
        with within(0.2):
            while True:
                pass
    except TimeUp as end:
        print(end)

def swallowing():
    with within(0.2):
        try:
            time.sleep(0.5)
        except BaseException:
            pass

def called():
    pass

thread = threading.Thread(target={what})
thread.start()
thread.join()
sys.setprofile(lambda *_: None)
called()
sys.setprofile(None)
print("went on")
"""


@pytest.mark.parametrize(
    ("what", "said"), [("in_time", ""), ("late", "it did not end within 0.2 s"), ("swallowing", "")]
)
def test_after_a_limit_in_a_thread_a_tracer_can_work(what: str, said: str) -> None:
    """Python 3.11 never forgets a call that was taken back: whoever traced the process then waited for ever."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED.replace("{what}", what)], capture_output=True, text=True, timeout=60, check=True
    )
    assert said in done.stdout and done.stdout.endswith("went on\n")
