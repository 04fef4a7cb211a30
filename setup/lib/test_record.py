"""pytest's side of ``setup/test``: what became of each test, and how long it took.

``pytest -p test_record --record FILE`` writes JSON: per test its outcome and seconds,
how many of them the set-up of its class took, and the subtests that failed, by name.
Tests marked ``long`` are left out, and named as such, but with ``setup/test --long``.
"""

import json
import os
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

    def pytest_collection_modifyitems(self, config, items):
        if "KPI_LONG" in os.environ:
            return
        long = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if not item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        for item in long:
            self._tests[item.nodeid] = _result("long")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item):
        test = self._tests[item.nodeid] = _result("passed")
        begin = _now()
        try:
            return (yield)
        finally:
            test["seconds"] = round(_now() - begin, 3)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item):
        """``setUpClass`` and fixtures; ``setUp`` belongs to the test itself."""
        begin = _now()
        try:
            return (yield)
        finally:
            self._tests[item.nodeid]["setup_seconds"] = round(_now() - begin, 3)

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
            self._tests[report.nodeid] = _result("failed", report.nodeid)

    def pytest_sessionfinish(self):
        self._file.write_text(json.dumps(self._tests))


def _result(outcome: str, *failed: str) -> dict:
    return {
        "outcome": outcome,
        "failed": [*failed],
        "seconds": 0.0,
        "setup_seconds": 0.0,
    }


def _now() -> float:
    # freezegun stops every other clock of the module
    return time.clock_gettime(time.CLOCK_MONOTONIC)
