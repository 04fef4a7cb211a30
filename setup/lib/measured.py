"""Runs a command, as ``python measured.py COMMAND…``, so that all it starts counts.

Linux adds the processor seconds of a process to those of its parent once that waits for
it. A browser that is killed leaves processes that nobody waits for: they become
children of this one, which waits for them until the command has ended.
"""

import ctypes
import os
import signal
import subprocess
import sys
from contextlib import suppress

# of prctl(2)
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def main(command: list[str]) -> int:
    """Exit status of the command, which is killed with this process."""
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    process = subprocess.Popen(
        command, preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    )
    # Ctrl-C reaches the command, too, which ends in its own way
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pid, status = os.wait()
    while pid != process.pid:
        pid, status = os.wait()
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass  # what ended last
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
