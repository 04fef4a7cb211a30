"""A process that begins with what this one has imported.

As Odoo's workers are forks of its server: importing Odoo and its addons anew takes many
times as long as what a test has another process for.
"""

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

SECONDS = 120
_context = multiprocessing.get_context("fork")


class Forked:
    """Calls a function in a fork; used as processes of ``subprocess``.

    :ivar stdin: what it waits for lines of
    :ivar stdout: what it says, and the traceback that it ends with
    """

    def __init__(self, function: Callable, *arguments: Any):
        (read_in, write_in), (read_out, write_out) = os.pipe(), os.pipe()
        self.stdin, self.stdout = os.fdopen(write_in, "w"), os.fdopen(read_out)
        pipes = ((read_in, write_out), (write_in, read_out))
        given = (*pipes, function, *arguments)
        self._process = _context.Process(target=_call, args=given, daemon=True)
        self._process.start()
        self.pid, self.kill = self._process.pid, self._process.kill
        for pipe in pipes[0]:
            os.close(pipe)

    def poll(self) -> int | None:
        """Its exit code, None as long as it runs."""
        return self._process.exitcode

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        self._process.join(SECONDS)
        code = self.poll()
        assert code is not None, "it does not end"
        return code

    def communicate(self) -> str:
        """What it says until its end; killed if that does not come."""
        self.stdin.close()
        timer = threading.Timer(SECONDS, self.kill)
        timer.start()
        try:
            said = self.stdout.read()
        finally:
            timer.cancel()
        self.wait()
        return said


def _call(
    own: tuple[int, int], others: tuple[int, int], function: Callable, *arguments: Any
) -> None:
    from odoo import sql_db

    for pipe in others:
        os.close(pipe)
    read_in, write_out = own
    sys.stdin = os.fdopen(read_in)
    sys.stdout = sys.stderr = os.fdopen(write_out, "w", buffering=1)
    # its connections are those of the process that this is a fork of
    sql_db._Pool = sql_db._Pool_readonly = None
    function(*arguments)
