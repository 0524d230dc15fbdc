"""The first thing that the server imports from which workers are forked: Ctrl-C is not for it, and it ends with us.

By itself it sees to both only when all libraries are loaded, which takes seconds. Nothing else imports this module.
"""

import os
import signal

from blattwerk.build.lifeline import MAIN_PROCESS, end_with_parent

if main := os.environ.pop(MAIN_PROCESS, ""):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    end_with_parent(int(main))
    server = os.getpid()
    # A worker begins with this, before anything else.
    os.register_at_fork(after_in_child=lambda: end_with_parent(server))
