"""``setup/test``: everything, some addons, or what the pytest arguments name.

A run of everything or of addons goes through the groups of ``test_groups`` in as many
lanes as there are processors, each group with its own copy of a template database. It
fails when a test fails; with ``--coverage`` also when an addon's Python is covered by
less than 90 % of its lines.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import databases
from addons import ROOT, Addon, our_addons, ready_addons
from installer import OdooFailed, say
from templates import Template, template_alone, templates_for_tests
from test_groups import (
    ALONE,
    Group,
    groups_alone,
    groups_of_addon,
    groups_of_tests_folder,
    is_pure,
    merged,
    pytest_odoo_options,
    template_of,
)
from test_results import Result, covered_enough, summary

STATE = Path(os.environ["KPI_STATE"])
MINUTES_PER_GROUP = 60
# each runs an Odoo, and some a browser
MOST_LANES = 4
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
    has_coverage = "--coverage" in arguments
    if "--long" in arguments:
        os.environ["KPI_LONG"] = "1"
    arguments = [a for a in arguments if a not in ("--coverage", "--long")]
    names = {argument.rstrip("/") for argument in arguments}
    if names <= our_addons().keys():  # no path, no option of pytest
        return _run_addons(names, ready_addons(), has_coverage)
    return _run_some(arguments)


def _run_addons(names: set[str], ready: list[Addon], has_coverage: bool) -> int:
    """Runs all tests of the addons named; with no name, everything."""
    named = [addon for addon in ready if addon.name in names] if names else ready
    if names:
        groups = [group for addon in named for group in groups_alone(addon)]
    else:
        groups = [group for addon in ready for group in groups_of_addon(addon)]
        groups = [*merged(groups), *groups_of_tests_folder()]
    if not has_coverage:
        groups = [replace(group, traced=None) for group in groups]
    work = STATE / "tmp" / f"test-{os.getpid()}"
    work.mkdir()
    try:
        results, templates = _run_groups(groups, ready, work, has_coverage)
        traced = list(work.glob(".coverage*"))
        traced += [file for template in templates for file in template.coverage_files]
        covered = [addon.name for addon in named] if has_coverage else []
        enough = covered_enough(covered, traced, work)
        # of Python and browsers; PostgreSQL is no child of this process
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        minutes = (used.ru_utime + used.ru_stime) / 60
        print(f"\n{minutes:.1f} processor minutes; longest:")
        print(summary(results))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    has_failed = any(result.has_failed for result in results)
    # fewer: one cannot be installed, as was said with its name
    return int(has_failed or not enough or len(named) < len(names))


def _run_groups(
    groups: list[Group], ready: list[Addon], work: Path, has_coverage: bool
) -> tuple[list[Result], list[Template]]:
    """Runs ``groups`` in lanes; those without a database while the first is made.

    Next come those that make databases and servers of their own, then the longest: at
    the end no lane waits for one of them.
    """
    ordered = sorted(
        groups,
        key=lambda one: (one.template is not None, not one.copies_itself, -one.work),
    )
    wanted = {group.template for group in groups}
    known = templates_for_tests(ready, has_coverage)
    known |= {ALONE + addon.name: template_alone(addon) for addon in ready}
    templates = {kind: template for kind, template in known.items() if kind in wanted}
    built = {kind: Future() for kind in templates}
    with _lanes(built.values()) as lanes:
        runs = [
            lanes.submit(
                _run_group, group, built.get(group.template), work / f"{n}.json"
            )
            for n, group in enumerate(ordered)
        ]
        for kind, template in templates.items():
            _build(template, built[kind])
        results = [run.result() for run in as_completed(runs)]
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
    lanes = ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_LANES))
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
    with ExitStack() as stack:
        database = None
        if template:
            try:
                database = template.result()
                if not group.copies_itself:
                    database = stack.enter_context(databases.temporary_copy(database))
            except (OdooFailed, databases.DatabaseError) as error:
                return Result(group.name, 1, str(error), record)
        if _is_ending.is_set():
            raise CancelledError
        say(f"begins {group.name}")
        return _run_command(group, database, record)


def _run_command(group: Group, database: str | None, record: Path) -> Result:
    environment = dict(os.environ, COVERAGE_FILE=str(record.with_name(".coverage")))
    # where test_record is found
    path = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, path))
    if sys.version_info >= (3, 12):
        environment["COVERAGE_CORE"] = "sysmon"  # traces at half the cost
    try:
        process = subprocess.run(
            group.command(database, record),
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=MINUTES_PER_GROUP * 60,
        )
        return Result(group.name, process.returncode, process.stdout, record)
    except subprocess.TimeoutExpired as error:
        text = f"{error.output or ''}\nno end after {MINUTES_PER_GROUP} minutes"
        return Result(group.name, 1, text, record)


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
