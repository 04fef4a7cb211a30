"""``setup/test``: everything, some addons, or what the pytest arguments name.

A run of everything or of addons goes through the groups of ``test_groups`` in as many
lanes as there are processors, and one more for tests that mostly wait; each group has
its own copy of a template database. The run fails when a test fails; with
``--coverage`` also when an addon's Python is covered by less than 90 % of its lines,
with ``--most-processor-minutes`` when it took more.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import changes
import databases
from addons import ROOT, Addon, our_addons, ready_addons
from costs import Cost, Pace, ServerClock, run_measured
from installer import STARTED, OdooFailed, say
from templates import Template, template_alone, templates_for_tests
from test_groups import (
    ALONE,
    Group,
    Queue,
    all_groups,
    groups_alone,
    is_pure,
    pytest_odoo_options,
    template_of,
)
from test_results import Result, covered_enough, summary

STATE = Path(os.environ["KPI_STATE"])
MINUTES_PER_GROUP = 60
# each runs an Odoo, and some a browser
BUSY_LANES = min(os.cpu_count() or 1, 4)
DEFAULT_BASE = "origin/main"
_is_ending = threading.Event()


def main(arguments: list[str]) -> int:
    os.chdir(ROOT)
    os.environ.setdefault("KPI_DATA", str(ROOT.parent / "shared" / "data"))
    for name in databases.names():
        if name.startswith("kpi_test_") and not _is_running(name.split("_")[2]):
            databases.drop(name, force=True)
    for folder in (STATE / "tmp").glob("test-*"):
        if not _is_running(folder.name.split("-")[1]):
            shutil.rmtree(folder)
    if sys.pycache_prefix:  # of the trees that tests have made
        shutil.rmtree(sys.pycache_prefix + tempfile.gettempdir(), ignore_errors=True)
    try:
        return _run(arguments)
    except (databases.DatabaseError, OdooFailed) as error:
        say(str(error))
        say("test: no database to test with (the reason is above).")
        return 1


def _run(arguments: list[str]) -> int:
    options, others = _parse(arguments)
    if options.long:
        os.environ["KPI_LONG"] = "1"
    if options.shuffle:
        os.environ["KPI_SHUFFLE"] = options.shuffle
    if options.changed is not None:
        return _run_changed(options, others)
    names = {argument.rstrip("/") for argument in others}
    if names <= our_addons().keys():  # no path, no option of pytest
        return _run_addons(names, options)
    if options.most_processor_minutes is not None:
        say("test: --most-processor-minutes goes with no path or option of pytest.")
        return 2
    return _run_some(others)


def _parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Our own options, and the other arguments: addons, or what pytest is told."""
    parser = argparse.ArgumentParser("setup/test", add_help=False, allow_abbrev=False)
    parser.add_argument("--coverage", action="store_true")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--changed")
    parser.add_argument("--most-processor-minutes", type=float)
    parser.add_argument("--shuffle")
    # an addon after --changed is no revision
    given = [f"{a}={DEFAULT_BASE}" if a == "--changed" else a for a in arguments]
    return parser.parse_known_args(given)


def _run_changed(options: argparse.Namespace, others: list[str]) -> int:
    """Runs the groups of what differs from a revision, and of what depends on it."""
    if others:
        say(f"test: --changed chooses what runs: leave out {' '.join(others)}.")
        return 2
    try:
        changed = changes.since(options.changed)
    except changes.UnknownRevision as error:
        say(f"test: {error}")
        return 2
    ready = ready_addons()
    groups = [*changes.groups_of(changed, ready)]
    if not groups:
        say(f"test: nothing that is tested differs from {options.changed}.")
        return 0
    traced = {name for group in groups for name in (group.traced or "").split(",")}
    covered = [addon for addon in ready if addon.name in traced]
    return _run_and_judge(groups, ready, options, covered)


def _run_addons(names: set[str], options: argparse.Namespace) -> int:
    """Runs all tests of the addons named; with no name, everything."""
    ready = ready_addons()
    if not names:
        return _run_and_judge([*all_groups(ready)], ready, options, covered=ready)
    named = [addon for addon in ready if addon.name in names]
    groups = [group for addon in named for group in groups_alone(addon)]
    status = _run_and_judge(groups, ready, options, covered=named)
    # fewer: one cannot be installed, as was said with its name
    return status or int(len(named) < len(names))


def _run_and_judge(
    groups: list[Group],
    ready: list[Addon],
    options: argparse.Namespace,
    covered: Iterable[Addon] = (),
) -> int:
    """Runs ``groups`` and prints what they found and cost; the status of the command.

    :param covered: addons whose coverage is judged, if it was asked for
    """
    if not options.coverage:
        groups = [replace(group, traced=None) for group in groups]
    work = STATE / "tmp" / f"test-{os.getpid()}"
    work.mkdir()
    server, pace = ServerClock(), Pace()
    try:
        with pace:
            results, templates = _run_groups(groups, ready, work, options.coverage)
        traced = list(work.glob(".coverage*"))
        traced += [file for template in templates for file in template.coverage_files]
        names = [addon.name for addon in covered] if options.coverage else []
        is_covered = covered_enough(names, traced, work)
        print(f"\n{summary(results)}")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    is_cheap = _print_cost(server, pace, options.most_processor_minutes)
    has_failed = any(result.has_failed for result in results)
    return int(has_failed or not is_covered or not is_cheap)


def _print_cost(server: ServerClock, pace: Pace, most_minutes: float | None) -> bool:
    """Prints what the run took; whether that is at most ``most_minutes``.

    What is compared are minutes at the pace of the machine the limit was set on.
    """
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = used.ru_utime + used.ru_stime
    database = "PostgreSQL's not counted"
    if server.seconds is not None:
        seconds += server.seconds
        database = f"of them {server.seconds / 60:.1f} in PostgreSQL"
    elapsed = (time.monotonic() - STARTED) / 60
    minutes = seconds / 60
    print(f"{elapsed:.1f} min elapsed, {minutes:.1f} processor minutes, {database}")
    minutes /= pace.ratio
    print(f"{minutes:.1f} at the pace of the limit: {pace.ratio:.2f} are one of it")
    if most_minutes is None or minutes <= most_minutes:
        return True
    print(f"FAILED more than {most_minutes:g} processor minutes: see what is dearest")
    return False


def _run_groups(
    groups: list[Group], ready: list[Addon], work: Path, has_coverage: bool
) -> tuple[list[Result], list[Template]]:
    """Runs ``groups`` in lanes; those without a database while the first is made."""
    wanted = {group.template for group in groups}
    known = templates_for_tests(ready, has_coverage)
    known |= {ALONE + addon.name: template_alone(addon) for addon in ready}
    templates = {kind: template for kind, template in known.items() if kind in wanted}
    built = {kind: Future() for kind in templates}
    queue = Queue(groups)

    def work_through(waits_only: bool) -> list[Result]:
        found = []
        while group := queue.take(waits_only):
            record = work / f"{group.name.replace('/', ' ')}.json"
            found.append(_run_group(group, built.get(group.template), record))
        return found

    with _lanes(built.values()) as lanes:
        runs = [lanes.submit(work_through, False) for _ in range(BUSY_LANES)]
        runs.append(lanes.submit(work_through, True))
        for kind, template in templates.items():
            _build(template, built[kind])
        results = [result for run in runs for result in run.result()]
    return results, list(templates.values())


def _build(template: Template, built: "Future[str]") -> None:
    try:
        built.set_result(template.build())
    except (OdooFailed, databases.DatabaseError) as error:
        built.set_exception(error)


@contextmanager
def _lanes(awaited: Iterable[Future]) -> Iterator[ThreadPoolExecutor]:
    """Ctrl-C ends what runs, as its processes get it too; nothing more begins.

    :param awaited: what the groups wait for
    """
    lanes = ThreadPoolExecutor(BUSY_LANES + 1)
    try:
        yield lanes
    except BaseException:
        _is_ending.set()
        for future in awaited:
            future.cancel()
        lanes.shutdown(cancel_futures=True)
        raise
    lanes.shutdown()


def _run_group(group: Group, template: "Future[str] | None", record: Path) -> Result:
    result = _result(group, template, record)
    if not _is_ending.is_set():
        say(result.line)
        if result.has_failed:
            print(result.excerpt, flush=True)
    return result


def _result(group: Group, template: "Future[str] | None", record: Path) -> Result:
    try:
        database = template and template.result()
        if _is_ending.is_set():
            raise CancelledError
        say(f"begins {group.name}")
        if not database or group.copies_itself:
            return _run_command(group, database, record)
        with databases.temporary_copy(database) as copy:
            result = _run_command(group, copy, record)
            seconds = databases.active_seconds(copy)
            return replace(result, cost=replace(result.cost, database=seconds))
    except (OdooFailed, databases.DatabaseError) as error:
        return Result(group.name, 1, str(error), record)


def _run_command(group: Group, database: str | None, record: Path) -> Result:
    environment = dict(os.environ, COVERAGE_FILE=str(record.with_name(".coverage")))
    # where test_record is found
    path = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, path))
    if sys.version_info >= (3, 12):
        environment["COVERAGE_CORE"] = "sysmon"  # traces at half the cost
    command = group.command(database, record)
    output = record.with_suffix(".log")
    try:
        status, cost = run_measured(
            command, environment, output, MINUTES_PER_GROUP * 60
        )
        end = ""
    except subprocess.TimeoutExpired:
        status, cost = 1, Cost(elapsed=MINUTES_PER_GROUP * 60)
        end = f"\nno end after {MINUTES_PER_GROUP} minutes"
    text = output.read_text(errors="replace") + end
    return Result(group.name, status, text, record, cost)


def _run_some(arguments: list[str]) -> int:
    """pytest with ``arguments``; without Odoo where all paths among them allow it."""
    paths = [Path(a.split("::")[0]) for a in arguments if not a.startswith("-")]
    paths = [path for path in paths if path.exists()]
    command = [sys.executable, "-m", "pytest"]
    if paths and all(_is_without_odoo(path) for path in paths):
        return _call([*command, *arguments])
    ready = ready_addons()
    if not paths:
        folders = [f"{a.name}/tests" for a in ready if not a.is_glue]
        arguments = [*arguments, *folders]
    named = {path.resolve().relative_to(ROOT).parts[0] for path in paths}
    kinds = {template_of(addon) for addon in ready if addon.name in named}
    kind = next(
        (kind for kind in ("demo", "gallery", "counted") if kind in kinds), "plain"
    )
    template = templates_for_tests(ready)[kind]
    with databases.temporary_copy(template.build()) as database:
        return _call([*command, *pytest_odoo_options(database), *arguments])


def _call(command: list[str]) -> int:
    with subprocess.Popen(command) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.wait()  # pytest got it, too, and ends its Odoo and browser
            raise


def _is_without_odoo(path: Path) -> bool:
    return is_pure(path) or path.resolve().is_relative_to(ROOT / "tests")


def _is_running(pid: str) -> bool:
    return Path("/proc", pid).exists()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\ntest: interrupted.")
