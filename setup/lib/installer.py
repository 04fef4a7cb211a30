"""Runs Odoo until its addons are installed, showing how far it is."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

ODOO_BIN = str(Path(__file__).with_name("bin") / "odoo-bin.py")
STARTED = time.monotonic() - float(os.environ.get("KPI_SECONDS", 0))
# "odoo.modules.loading: Loading module crm (47/63)"
LOADING = re.compile(r"Loading module (\w+) \((\d+)/(\d+)\)")
FAILURE = re.compile(r" (ERROR|CRITICAL) ")
SECONDS_BETWEEN_LINES = 10


class OdooFailed(Exception):
    """Odoo ended with an error; carries the end of its log."""


def say(text: str) -> None:
    """A line on stderr with the seconds since the command started."""
    print(f"[{time.monotonic() - STARTED:3.0f}s] {text}", file=sys.stderr, flush=True)


def run_odoo(
    arguments: Sequence[str],
    log: Path,
    *,
    script: Path = Path(os.devnull),
    python: Iterable[str] = (ODOO_BIN,),
) -> None:
    """Runs Odoo with ``arguments``, its output in ``log``, progress on stderr.

    :param script: what ``odoo shell`` reads
    :param python: what Python runs: Odoo, or a tool that runs Odoo
    :raises OdooFailed: Odoo ended with another status than 0, or logged an error
    """
    command = [sys.executable, *python, *arguments]
    log.parent.mkdir(parents=True, exist_ok=True)
    progress = _Progress()
    failures = []
    with (
        log.open("w", encoding="utf-8") as sink,
        script.open() as stdin,
        subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        try:
            for line in process.stdout:
                sink.write(line)
                progress.read(line)
                if FAILURE.search(line):
                    failures.append(line)
        except KeyboardInterrupt:
            # Odoo was told, too; the second signal ends it at once
            process.terminate()
            process.wait()
            raise
        finally:
            progress.end()
    if process.returncode or failures:
        raise OdooFailed(_excerpt(log, failures))


def _excerpt(log: Path, failures: list[str]) -> str:
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join((failures[:3] if failures else []) + ["    ...\n"] + lines[-25:])


class _Progress:
    """One line that counts on a terminal, a line every ten seconds elsewhere."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._on_terminal = sys.stderr.isatty()

    def read(self, line: str) -> None:
        match = LOADING.search(line)
        if not match:
            return
        name, done, total = match.groups()
        text = f"installing addon {done} of {total}: {name}"
        if self._on_terminal:
            elapsed = time.monotonic() - STARTED
            print(
                f"\r\033[K[{elapsed:3.0f}s] {text}", end="", file=sys.stderr, flush=True
            )
        elif time.monotonic() - self._last > SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            say(text)

    def end(self) -> None:
        if self._on_terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
