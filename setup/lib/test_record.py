"""pytest's side of ``setup/test``: what became of each test, and how long it took.

``pytest -p test_record --record FILE`` writes JSON: per test its outcome and seconds,
set-up of its class included, and the subtests that failed, by name.
"""

import json
import time
from pathlib import Path

import pytest


def pytest_addoption(parser):
    parser.addoption("--record", type=Path, help="Where the results are written")


def pytest_configure(config):
    if config.getoption("--record"):
        config.pluginmanager.register(_Record(config.getoption("--record")))


class _Record:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._tests: dict[str, dict] = {}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item):
        test = self._tests[item.nodeid] = {"outcome": "passed", "failed": []}
        begin = _now()
        try:
            return (yield)
        finally:
            test["seconds"] = round(_now() - begin, 3)

    def pytest_runtest_logreport(self, report):
        test = self._tests[report.nodeid]
        if report.failed:
            test["outcome"] = "failed"
            file = report.nodeid.partition("::")[0]
            test["failed"].append(f"{file}::{report.head_line}")
        elif report.skipped and not hasattr(report, "context"):
            test["outcome"] = "skipped"
            test["reason"] = str(report.longrepr[2] if report.longrepr else "")

    def pytest_collectreport(self, report):
        if report.failed:
            self._tests[report.nodeid] = {
                "outcome": "failed", "failed": [report.nodeid], "seconds": 0.0
            }  # fmt: skip

    def pytest_sessionfinish(self):
        self._file.write_text(json.dumps(self._tests))


def _now() -> float:
    # freezegun stops every other clock of the module
    return time.clock_gettime(time.CLOCK_MONOTONIC)
