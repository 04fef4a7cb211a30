"""``setup/test``: everything, or what the pytest arguments name.

A full run goes through the groups of ``test_groups`` in as many lanes as there are
processors, each group with its own copy of a template database. It fails when a test
fails or an addon's Python is covered by less than 90 % of its lines.
"""

import os
import shutil
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path

import databases
from addons import ROOT, Addon, odoo_addon_names, our_addons, split_by_dependencies
from coverage_table import covered_enough
from installer import OdooFailed, say
from templates import Template
from test_groups import (
    Group,
    groups_of_addon,
    groups_of_tests_folder,
    is_pure,
    pytest_odoo_options,
)
from test_results import Result, summary

HOME = Path(os.environ["KPI_HOME"])
MINUTES_PER_GROUP = 30
# each runs an Odoo, and some a browser
MOST_LANES = 4


def main(arguments: list[str]) -> int:
    os.chdir(ROOT)
    os.environ.setdefault("KPI_DATA", str(ROOT.parent / "shared" / "data"))
    _drop_leftovers()
    try:
        return _run_some(arguments) if arguments else _run_all()
    except (databases.DatabaseError, OdooFailed) as error:
        say(str(error))
        say("test: no database to test with (the reason is above).")
        return 1


def _run_all() -> int:
    addons = _addons()
    groups = [group for addon in addons for group in groups_of_addon(addon)]
    groups += groups_of_tests_folder()
    work = HOME / "tmp" / f"test-{os.getpid()}"
    work.mkdir()
    try:
        results, templates = _run_groups(groups, addons, work)
        print(summary(results))
        traced = list(work.glob(".coverage*"))
        traced += [file for template in templates for file in template.coverage_files]
        enough = covered_enough([addon.name for addon in addons], traced, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return 0 if enough and not any(result.has_failed for result in results) else 1


def _run_groups(
    groups: list[Group], addons: list[Addon], work: Path
) -> tuple[list[Result], list[Template]]:
    """Runs ``groups`` in lanes; those without a database while the first is made."""
    ordered = sorted(groups, key=lambda group: group.template is not None)
    with ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_LANES)) as lanes:
        templates = _templates(addons, {g.template for g in groups if g.template})
        built = {kind: lanes.submit(t.build) for kind, t in templates.items()}
        runs = [
            lanes.submit(_run_group, number, group, built.get(group.template), work)
            for number, group in enumerate(ordered)
        ]
        results = []
        for run in as_completed(runs):
            results.append(run.result())
            say(results[-1].line)
            if results[-1].has_failed:
                print(results[-1].excerpt, flush=True)
    return results, list(templates.values())


def _run_group(
    number: int, group: Group, template: "Future[str] | None", work: Path
) -> Result:
    report = work / f"{number}.xml"
    environment = dict(os.environ, COVERAGE_FILE=str(work / ".coverage"))
    if sys.version_info >= (3, 12):
        environment["COVERAGE_CORE"] = "sysmon"  # traces at half the cost
    database = None
    if template:
        try:
            database = _copy(template.result(), number)
        except (OdooFailed, databases.DatabaseError) as error:
            return Result(group.name, 1, str(error), report)
        environment["KPI_TEST_DATABASE"] = database
        environment["KPI_TEST_TEMPLATE"] = template.result()
    say(f"begins {group.name}")
    try:
        process = subprocess.run(
            group.command(database, report),
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=MINUTES_PER_GROUP * 60,
        )
        return Result(group.name, process.returncode, process.stdout, report)
    except subprocess.TimeoutExpired as error:
        text = f"{error.output or ''}\nno end after {MINUTES_PER_GROUP} minutes"
        return Result(group.name, 1, text, report)
    finally:
        if database:
            databases.drop(database, force=True)


def _run_some(arguments: list[str]) -> int:
    """pytest with ``arguments``; without Odoo where all paths among them allow it."""
    paths = [Path(a.split("::")[0]) for a in arguments if not a.startswith("-")]
    paths = [path for path in paths if path.exists()]
    command = [sys.executable, "-m", "pytest"]
    if paths and all(_is_without_odoo(path) for path in paths):
        return subprocess.call([*command, *arguments])
    if not paths:
        arguments = [*arguments, *(f"{a.name}/tests" for a in _addons())]
    demo = any(
        path.resolve().relative_to(ROOT).parts[0].endswith("_demo") for path in paths
    )
    template = _templates(_addons(), {"demo" if demo else "plain"})
    database = _copy(*(t.build() for t in template.values()))
    try:
        return subprocess.call([*command, *pytest_odoo_options(database), *arguments])
    finally:
        databases.drop(database, force=True)


def _is_without_odoo(path: Path) -> bool:
    return is_pure(path) or (ROOT / "tests") in (
        path.resolve(),
        *path.resolve().parents,
    )


def _addons() -> list[Addon]:
    ready, missing = split_by_dependencies(our_addons(), odoo_addon_names())
    for name, dependencies in missing.items():
        say(f"left out: {name} needs {', '.join(dependencies)}, not in this Odoo")
    return ready


def _templates(addons: list[Addon], kinds: set[str]) -> dict[str, Template]:
    """``plain`` has no demo data and no demo addon, ``demo`` all of both."""
    every = {
        "plain": Template(tuple(a for a in addons if not a.is_demo), demo=False),
        "demo": Template(tuple(addons), demo=True),
    }
    return {kind: every[kind] for kind in sorted(kinds, reverse=True)}


def _copy(template: str, number: int = 0) -> str:
    name = f"kpi_test_{os.getpid()}_{number}"
    databases.copy(template, name)
    return name


def _drop_leftovers() -> None:
    """Databases of runs that were killed."""
    for name in databases.names():
        if name.startswith("kpi_test_") and not _is_running(name.split("_")[2]):
            databases.drop(name, force=True)


def _is_running(pid: str) -> bool:
    return Path("/proc", pid).exists()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\ntest: interrupted.")
