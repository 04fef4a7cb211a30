"""Tests of a pure package in a fork of ``setup/mutants``, as they are or of a mutant.

The command has imported pytest and the libraries already, so a run takes a fraction of
a second. Nothing of our addons may be imported before the fork.
"""

import ast
import os
import pickle
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from pathlib import Path

import coverage
import pytest

from addons import ROOT
from mutations import find_mutations

OPTIONS = (
    "--quiet",
    # in one way of compiling all share what Python has compiled before
    "--assert=plain",
    # leaves nothing in the tree
    "-p",
    "no:cacheprovider",
)
# of processor time; a machine that does something else does not end a test
MIN_SECONDS = 3
MIN_SECONDS_OF_IMPORTS = 30
# a test of a mutant may take as many times as long as it does otherwise
MAX_SLOWDOWN = 10
MAX_BYTES = 6 * 2**30
# end the command
ENDING = (signal.SIGINT, signal.SIGTERM)


@dataclass
class Baseline:
    """The tests of a package as they ran without a mutant.

    :ivar failure: output of pytest; empty: all passed
    :ivar seconds: how long each test took, in their order
    :ivar ran: tests that ran a line, per file and line; an empty name: it ran while
        the tests were imported
    :ivar modules: what was imported besides the files of the tree
    """

    failure: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    ran: dict[Path, dict[int, set[str]]] = field(default_factory=dict)
    modules: list[str] = field(default_factory=list)


def record_baseline(tests: Path, sources: Iterable[Path], work: Path) -> None:
    """Runs all tests and leaves a ``Baseline`` in ``work``; in a fork."""
    _enter(work)
    tracer = coverage.Coverage(
        data_file=None, config_file=False, include=[str(file) for file in sources]
    )
    recorder = _Recorder(tracer)
    tracer.start()
    status = pytest.main(
        [*OPTIONS, f"--basetemp={work / 'pytest'}", str(tests.relative_to(ROOT))],
        plugins=[recorder],
    )
    tracer.stop()

    baseline = Baseline(seconds=recorder.seconds, modules=_modules_of_others())
    if status:
        sys.stdout.flush()
        baseline.failure = (work / "output").read_text(errors="replace")
    data = tracer.get_data()
    for file in data.measured_files():
        lines = data.contexts_by_lineno(file).items()
        baseline.ran[Path(file)] = {line: set(names) for line, names in lines}
    (work / "baseline").write_bytes(pickle.dumps(baseline))
    os._exit(0)


def run_mutant(file: Path, number: int, seconds: dict[str, float], work: Path) -> None:
    """Ends with status 0 where no test has noticed the mutant; in a fork.

    An endless one is ended by SIGPROF.

    :param number: of the mutation in the list of ``find_mutations``
    :param seconds: the tests to run, the first to fail ends it, and how long each takes
    """
    _enter(work)
    _mutate(file, number)
    files = dict.fromkeys(test.partition("::")[0] for test in seconds)
    status = pytest.main(
        [*OPTIONS, "--exitfirst", f"--basetemp={work / 'pytest'}", *files],
        plugins=[_Runner(seconds)],
    )
    os._exit(status)


def _enter(work: Path) -> None:
    """A process group and a folder of its own, and a limit to its memory."""
    os.setsid()
    for number in ENDING:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))
    work.mkdir()
    os.environ["TMPDIR"] = tempfile.tempdir = str(work)
    output = os.open(work / "output", os.O_WRONLY | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(output, stream)


def _mutate(file: Path, number: int) -> None:
    """Lets the import of ``file`` find the changed code; the file stays as it is."""
    tree = ast.parse(file.read_bytes())
    find_mutations(tree)[number].apply()
    get_code = SourceFileLoader.get_code

    def get_mutant(loader, name):
        if Path(loader.path) != file:
            return get_code(loader, name)
        return compile(tree, file, "exec", dont_inherit=True)

    SourceFileLoader.get_code = get_mutant


def _modules_of_others() -> list[str]:
    return [
        name
        for name, module in list(sys.modules.items())
        if (file := getattr(module, "__file__", None))
        and not Path(file).is_relative_to(ROOT)
    ]


class _Recorder:
    """Which test runs which line, and how long it takes."""

    def __init__(self, tracer: coverage.Coverage) -> None:
        self.seconds: dict[str, float] = {}
        self._tracer = tracer
        self._file = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        if item.path != self._file:
            # what one file has cached the next would not run
            self._file = item.path
            _forget_results()
        self._tracer.switch_context(item.nodeid)
        begin = time.monotonic()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.monotonic() - begin


class _Runner:
    """Runs first the tests that ran the line, in the order of their files."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds = seconds
        self._limit(MIN_SECONDS_OF_IMPORTS)

    def pytest_collection_modifyitems(self, items):
        order = {test: place for place, test in enumerate(self._seconds)}
        # a mutant may also change which tests there are
        items.sort(key=lambda item: order.get(item.nodeid, len(order)))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        known = self._seconds.get(item.nodeid, 0)
        self._limit(MIN_SECONDS + MAX_SLOWDOWN * known)
        return (yield)

    def _limit(self, seconds: float) -> None:
        """The kernel ends the process after so much processor time."""
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _forget_results() -> None:
    """Empties the caches of functions of our addons."""
    addons = {manifest.parent.name for manifest in ROOT.glob("*/__manifest__.py")}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in addons:
            continue
        held = list(vars(module).values())
        for kind in [each for each in held if isinstance(each, type)]:
            held += vars(kind).values()
        for each in held:
            forget = getattr(each, "cache_clear", None)
            if callable(forget):
                forget()
