"""Clean verdicts of checks, kept from one run to the next.

A verdict is kept by the hash of all that it depends on, and only where nothing was
found: a finding is found again, with its text, until it is mended.
"""

import hashlib
import os
import time
from collections.abc import Iterable
from pathlib import Path

MAX_AGE_DAYS = 30
SECONDS_PER_DAY = 86400


class Verdicts:
    """Those of one check.

    :param check: its name and mode
    :param tools: the files that decide what it finds: its code, settings and locks
    """

    def __init__(self, check: str, tools: Iterable[Path]) -> None:
        self._folder = Path(os.environ["KPI_HOME"], "verdicts")
        self._folder.mkdir(exist_ok=True)
        self._check = check
        self._tools = [hashlib.sha256(file.read_bytes()).hexdigest() for file in tools]

    def is_clean(self, *hashes: str) -> bool:
        """Whether nothing was found in files with these hashes."""
        mark = self._mark(hashes)
        if not mark.exists():
            return False

        mark.touch()
        return True

    def keep_clean(self, *hashes: str) -> None:
        """Notes that nothing was found in files with these hashes."""
        self._mark(hashes).touch()

    def forget_old(self) -> None:
        """Removes the verdicts that no run has needed for long."""
        oldest = time.time() - MAX_AGE_DAYS * SECONDS_PER_DAY
        for mark in self._folder.iterdir():
            if mark.stat().st_mtime < oldest:
                mark.unlink(missing_ok=True)

    def _mark(self, hashes: Iterable[str]) -> Path:
        parts = "\n".join([self._check, *self._tools, *hashes])
        return self._folder / hashlib.sha256(parts.encode()).hexdigest()
