"""Clean verdicts of checks, kept from one run to the next.

A verdict is kept by the hash of all that it depends on, and only where nothing was
found: a finding is found again, with its text, until it is mended. With ``setup/lint
--long`` no verdict is relied on.
"""

import hashlib
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

MAX_AGE_DAYS = 30
SECONDS_PER_DAY = 86400


class Verdicts:
    """Those of one check.

    :param check: its name and mode
    :param tools: the files that decide what it finds, beside Odoo: its code, settings
        and locks
    """

    def __init__(self, check: str, tools: Iterable[Path]) -> None:
        self._folder = Path(os.environ["KPI_HOME"], "verdicts")
        self._folder.mkdir(exist_ok=True)
        self._check = check
        odoo = Path(find_spec("odoo").submodule_search_locations[0], "release.py")
        files = [*tools, odoo]
        self._tools = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
        self._tools.append(str(odoo))

    def is_clean(self, *hashes: str) -> bool:
        """Whether nothing was found in files with these hashes."""
        mark = self._mark(hashes)
        if "KPI_LONG" in os.environ or not mark.exists():
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
            with suppress(FileNotFoundError):  # another command is at it
                if mark.stat().st_mtime < oldest:
                    mark.unlink()

    def _mark(self, hashes: Iterable[str]) -> Path:
        parts = "\n".join([self._check, *self._tools, *hashes])
        return self._folder / hashlib.sha256(parts.encode()).hexdigest()
