"""``setup/mutants``: which small changes of the pure code no test notices.

The tests of each package run once as they are, which shows the tests that run each
line. Then each mutant is tried in a fork, as many at once as there are processors: of
the test files that run the changed line all tests, nearest files first, until one
fails. The code of a mutant is in the memory of its fork alone.
"""

import argparse
import ast
import hashlib
import importlib
import multiprocessing
import os
import pickle
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from multiprocessing import connection
from pathlib import Path

from addons import ROOT, our_addons
from changes import UnknownRevision, lines_since
from installer import say
from mutant_tests import ENDING, Baseline, record_baseline, run_mutant
from mutations import find_mutations
from test_groups import PURE_PACKAGES

SAMPLE = 10
BASE = "origin/main"
# a long branch would take the night
MAX_CHANGED = 150
# of elapsed time: for what waits rather than computes
MIN_SECONDS, MAX_SLOWDOWN = 60, 20
MAX_SECONDS_OF_BASELINE = 3600
SECONDS_BETWEEN_LINES = 15
LANES = len(os.sched_getaffinity(0))
KILLED, TIMEOUT, SURVIVED = "killed", "timeout", "survived"
NOT_RUN = "not run by a test"
# its own limit of processor time, or that of elapsed time
ENDED_BY_LIMIT = (-signal.SIGPROF, -signal.SIGKILL)
_context = multiprocessing.get_context("fork")


class Refused(Exception):
    """A sentence for the person at the terminal."""


@dataclass(frozen=True)
class Package:
    """A folder of an addon that is tested without Odoo."""

    folder: Path

    @property
    def name(self) -> str:
        return str(self.folder.relative_to(ROOT))

    @property
    def tests(self) -> Path:
        return self.folder.parent / "tests" / self.folder.name

    @cached_property
    def test_files(self) -> list[Path]:
        return sorted(self.tests.rglob("test_*.py"))

    @cached_property
    def mutants(self) -> list["Mutant"]:
        """All of its code, in the order of files and lines."""
        files = sorted(self.folder.rglob("*.py"))
        return [mutant for file in files for mutant in _mutants_of(file)]


@dataclass(frozen=True)
class Mutant:
    """A change of one place, not yet made.

    :ivar number: in the list of ``find_mutations``
    :ivar lines: first and last line of its statement
    :ivar is_imported: runs when the module is imported
    :ivar key: the same as long as the code of its function stays
    """

    file: Path
    number: int
    line: int
    last_line: int
    lines: tuple[int, int]
    is_imported: bool
    change: str
    key: str

    @property
    def place(self) -> range:
        """The lines of the code that is changed."""
        return range(self.line, self.last_line + 1)

    def place_in_sample(self, seed: int) -> str:
        """Chosen by its code, so that other places stay in the sample."""
        return hashlib.sha256(f"{seed} {self.key}".encode()).hexdigest()

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}: {self.change}"


@dataclass
class Trial:
    """A package with the mutants to try, and what became of them."""

    package: Package
    mutants: list[Mutant]
    baseline: Baseline = field(default_factory=Baseline)
    outcomes: dict[Mutant, str] = field(default_factory=dict)

    @property
    def report(self) -> list[str]:
        """A line with the counts, and one per survivor."""
        lines = [f"{self.package.name}: {_counts(self.outcomes.values())}"]
        for mutant in self.mutants:
            outcome = self.outcomes.get(mutant)
            if outcome == SURVIVED:
                lines.append(f"    {mutant}")
            elif outcome == NOT_RUN:
                lines.append(f"    {mutant} ({NOT_RUN})")
        return lines

    def nearest_tests(self, mutant: Mutant) -> dict[str, float]:
        """What to run, in this order, with seconds: files whose tests run the line,
        first that named as the module, then those that import it."""
        ran: set[str] = set()
        for line, tests in self.baseline.ran.get(mutant.file, {}).items():
            if mutant.lines[0] <= line <= mutant.lines[1]:
                ran |= tests
        files = {_file_of(test) for test in ran}
        # all may need what the import of a module makes
        if ran and (mutant.is_imported or "" in ran):
            files = {_file_of(test) for test in self.baseline.seconds}

        tests = [test for test in self.baseline.seconds if _file_of(test) in files]
        ranks = {file: _distance(ROOT / file, mutant.file) for file in files}
        tests.sort(
            key=lambda test: (ranks[_file_of(test)], _file_of(test), test not in ran)
        )
        return {test: self.baseline.seconds[test] for test in tests}


@dataclass
class Run:
    """A fork."""

    process: multiprocessing.Process
    work: Path
    deadline: float
    trial: Trial
    mutant: Mutant | None = None

    def kill(self) -> None:
        """Ends it with what it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.join()


class Lanes:
    """Runs forks, as many at once as there are processors.

    :ivar failed: packages whose tests fail as they are
    """

    def __init__(self, trials: list[Trial], work: Path) -> None:
        self._work = work
        self._count = 0
        self._running: list[Run] = []
        # the longest first: another one runs beside its mutants
        trials = sorted(trials, key=lambda each: -_size(each.package))
        self._waiting: deque[tuple[Trial, Mutant | None]] = deque(
            (trial, None) for trial in trials
        )
        self._total = sum(len(trial.mutants) for trial in trials)
        self._tried = 0
        self._said = time.monotonic()
        self.failed: list[Trial] = []

    def run(self) -> None:
        """Runs everything; Ctrl-C leaves nothing that runs."""
        try:
            while self._waiting or self._running:
                while self._waiting and len(self._running) < LANES:
                    self._start(*self._waiting.popleft())
                self._wait()
        finally:
            for run in self._running:
                run.kill()

    def _start(self, trial: Trial, mutant: Mutant | None) -> None:
        self._count += 1
        work = self._work / str(self._count)
        if mutant is None:
            files = {each.file for each in trial.package.mutants}
            limit = MAX_SECONDS_OF_BASELINE
            target, arguments = record_baseline, (trial.package.tests, files, work)
        else:
            tests = trial.nearest_tests(mutant)
            if not tests:
                self._finish(trial, mutant, NOT_RUN)
                return
            limit = MIN_SECONDS + MAX_SLOWDOWN * sum(tests.values())
            target, arguments = run_mutant, (mutant.file, mutant.number, tests, work)
        # Ctrl-C waits until the fork is known here
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        process = _context.Process(target=target, args=arguments)
        process.start()
        deadline = time.monotonic() + limit
        self._running.append(Run(process, work, deadline, trial, mutant))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)

    def _wait(self) -> None:
        sentinels = [run.process.sentinel for run in self._running]
        connection.wait(sentinels, timeout=1)
        for run in list(self._running):
            is_late = time.monotonic() > run.deadline
            if run.process.exitcode is None and not is_late:
                continue
            # what its tests have started ends with it
            run.kill()
            self._running.remove(run)
            if run.mutant is None:
                self._take_baseline(run)
            else:
                self._finish(run.trial, run.mutant, _outcome(run.process.exitcode))
            shutil.rmtree(run.work, ignore_errors=True)

    def _take_baseline(self, run: Run) -> None:
        trial, file = run.trial, run.work / "baseline"
        if file.exists():
            trial.baseline = pickle.loads(file.read_bytes())
        else:
            output = run.work / "output"
            text = output.read_text(errors="replace") if output.exists() else ""
            trial.baseline.failure = f"{text}\nThe tests ended early."
        if trial.baseline.failure:
            self.failed.append(trial)
            return
        seconds = sum(trial.baseline.seconds.values())
        count = len(trial.baseline.seconds)
        say(f"{trial.package.name}: {count} tests in {seconds:.0f} s")
        for name in trial.baseline.modules:
            # imported here, it is there in each fork
            with suppress(Exception):
                importlib.import_module(name)
        self._waiting.extend((trial, mutant) for mutant in trial.mutants)

    def _finish(self, trial: Trial, mutant: Mutant, outcome: str) -> None:
        trial.outcomes[mutant] = outcome
        self._tried += 1
        if time.monotonic() - self._said > SECONDS_BETWEEN_LINES:
            self._said = time.monotonic()
            say(f"{self._tried} of {self._total} mutants tried")


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    os.chdir(ROOT)
    os.environ.setdefault("KPI_DATA", str(ROOT.parent / "shared" / "data"))
    # ends as Ctrl-C does
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    begin = time.monotonic()
    trials = _choose(options)
    untested = [trial for trial in trials if not trial.package.test_files]
    tested = [trial for trial in trials if trial.package.test_files and trial.mutants]

    with tempfile.TemporaryDirectory(prefix="kpi-mutants-") as work:
        lanes = Lanes(tested, Path(work))
        try:
            lanes.run()
        finally:
            _report(tested, untested, time.monotonic() - begin)
    for trial in lanes.failed:
        print(trial.baseline.failure, file=sys.stderr)
    if lanes.failed:
        names = ", ".join(trial.package.name for trial in lanes.failed)
        print(f"mutants: tests fail without a mutant: {names}.", file=sys.stderr)
    return int(bool(lanes.failed))


def _parse(arguments: list[str]) -> argparse.Namespace:
    """What the command has checked already."""
    parser = argparse.ArgumentParser("mutants")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def _choose(options: argparse.Namespace) -> list[Trial]:
    """The packages and their mutants.

    :raises Refused: a name that holds no pure code
    """
    packages = [
        Package(addon.path / name)
        for addon in our_addons().values()
        for name in PURE_PACKAGES
        if (addon.path / name).is_dir()
    ]
    if not options.names:
        size = SAMPLE if options.sample is None else options.sample
        return _sample(packages, size, options.seed)

    paths = [(ROOT / name).resolve() for name in options.names]
    for name, path in zip(options.names, paths, strict=True):
        if not any(_is_inside(each.folder, path) for each in packages):
            raise Refused(
                f"{name} holds no pure code: name an addon, or a file or folder of its "
                f"{', '.join(PURE_PACKAGES[:-1])} or {PURE_PACKAGES[-1]}."
            )
    trials = []
    for package in packages:
        mutants = [
            each
            for each in package.mutants
            if any(each.file.is_relative_to(path) for path in paths)
        ]
        if options.sample is not None:
            mutants = _first(mutants, options.sample, options.seed)
        if any(_is_inside(package.folder, path) for path in paths):
            trials.append(Trial(package, mutants))
    return trials


def _is_inside(package: Path, path: Path) -> bool:
    """Whether a path that was named is, or lies in, a package or its addon."""
    return path == package.parent or path.is_relative_to(package)


def _sample(packages: list[Package], size: int, seed: int) -> list[Trial]:
    """Some mutants of each package, and those of lines that are new."""
    try:
        lines = {ROOT / file: new for file, new in lines_since(BASE).items()}
    except (UnknownRevision, OSError):  # or there is no git
        say(f"git knows no {BASE}: lines changed since then are not tried besides")
        lines = {}
    changed = [
        mutant
        for package in packages
        if package.test_files
        for mutant in package.mutants
        if not lines.get(mutant.file, set()).isdisjoint(mutant.place)
    ]
    if len(changed) > MAX_CHANGED:
        say(f"{MAX_CHANGED} of the {len(changed)} mutants of changed lines are tried")
        changed = _first(changed, MAX_CHANGED, seed)

    trials = []
    for package in packages:
        chosen = {*_first(package.mutants, size, seed), *changed}
        mutants = [mutant for mutant in package.mutants if mutant in chosen]
        trials.append(Trial(package, mutants))
    return trials


def _first(mutants: Iterable[Mutant], count: int, seed: int) -> list[Mutant]:
    """The sample, in the order of the code."""
    chosen = sorted(mutants, key=lambda each: each.place_in_sample(seed))[:count]
    return sorted(chosen, key=lambda each: (each.file, each.number))


def _mutants_of(file: Path) -> list[Mutant]:
    """The mutants of one file."""
    mutants, seen = [], Counter()
    for number, mutation in enumerate(find_mutations(ast.parse(file.read_bytes()))):
        change = f"{mutation.before} → {mutation.after}"
        code = f"{file.relative_to(ROOT)} {mutation.scope.name} {change}"
        seen[code] += 1
        mutants.append(
            Mutant(
                file=file,
                number=number,
                line=mutation.line,
                last_line=mutation.last_line,
                lines=mutation.scope.lines,
                is_imported=not mutation.scope.is_in_function,
                change=change,
                key=f"{code} {seen[code]}",
            )
        )
    return mutants


@cache
def _distance(test: Path, file: Path) -> int:
    """0: a test file is named as the module; 1: it imports the module; 2: neither."""
    module = file.parent.name if file.stem == "__init__" else file.stem
    if test.name == f"test_{module}.py":
        return 0
    names = set()
    for node in ast.walk(ast.parse(test.read_bytes())):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.update((getattr(node, "module", "") or "").split("."))
            names.update(part for each in node.names for part in each.name.split("."))
    return 1 if module in names else 2


def _file_of(test: str) -> str:
    return test.partition("::")[0]


def _size(package: Package) -> int:
    return sum(file.stat().st_size for file in package.test_files)


def _outcome(status: int | None) -> str:
    if status == 0:
        return SURVIVED
    return TIMEOUT if status in ENDED_BY_LIMIT else KILLED


def _report(tested: list[Trial], untested: list[Trial], seconds: float) -> None:
    for trial in tested:
        print("\n".join(trial.report))
    for trial in untested:
        folder = trial.package.tests.relative_to(ROOT)
        print(f"{trial.package.name}: no tests in {folder}")
    outcomes = [each for trial in tested for each in trial.outcomes.values()]
    print(f"\n{_counts(outcomes)}, in {seconds:.0f} s", flush=True)


def _counts(outcomes: Iterable[str]) -> str:
    counts = Counter(outcomes)
    killed = counts[KILLED] + counts[TIMEOUT]
    survived = counts[SURVIVED] + counts[NOT_RUN]
    noun = "mutant" if killed + survived == 1 else "mutants"
    return (
        f"{killed + survived} {noun}, {killed} killed"
        + (f" ({counts[TIMEOUT]} by the time limit)" if counts[TIMEOUT] else "")
        + f", {survived} survived"
        + (f" ({counts[NOT_RUN]} {NOT_RUN})" if counts[NOT_RUN] else "")
    )


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Refused as refusal:
        sys.exit(f"mutants: {refusal}")
    except KeyboardInterrupt:
        sys.exit("mutants: interrupted.")
