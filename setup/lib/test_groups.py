"""What a full test run consists of: groups that each run in a process of their own.

Per addon: its pure packages without Odoo; its Odoo and HTTP tests with pytest-odoo;
its browser tests (no coverage: they are slow enough); its hoot tests with Odoo's own
runner, which pytest-odoo cannot select. Besides: the folders below ``tests/``.
What takes longer than some minutes is cut into parts, so that no lane is left with a
long one.
"""

import math
import os
import re
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from addons import ROOT, Addon
from ports import free_port

PURE_PACKAGES = ("engine", "analytics", "schemas")
# begins the name of the template with nothing but an addon and what it depends on
ALONE = "alone "
# what opens a page, and the classes whose methods do so
IN_BROWSER = re.compile(
    r"\b(?:start_tour|browser_js)\("
    r"|\b(?:AxeMixin|KpiDashboardScreenCase|RichTextsMixin|ScreenCrawl|ScreenVisits"
    r"|TextBoxesMixin)\b"
)
TEST = re.compile(r"^\s+def test_", re.MULTILINE)
# roughly, of one test on two processors that are busy
SECONDS_WITH_ODOO, SECONDS_IN_BROWSER = 0.3, 6
# the same below tests/
SECONDS_BUSY, SECONDS_WAITING = 1, 3
# of all hoot tests of a suite
SECONDS_OF_HOOT = 60
# of an addon's tests: shorter ones share a process with those of other addons
MAX_SECONDS_MERGED = 60
# of one part of a group
MAX_SECONDS_OF_PART = 240
# their tests keep a processor busy; those of the other folders below tests/ wait for
# servers, mails and clocks
BUSY_FOLDERS = ("concurrency", "crm_data", "seams")
# each holds what those before it hold
TEMPLATES = ("plain", "counted", "gallery")
MOBILE_TAG = re.compile(r"""\btags\(["']mobile["']\)""")
# Odoo would bundle the assets of all pages before the first test
HOOT = """import odoo.cli, odoo.tests.suite as suite
suite.OdooSuite.has_http_case = lambda self: False; odoo.cli.main()"""


@dataclass(frozen=True)
class Group:
    """A command of a full run."""

    name: str
    # what pytest gets, or the tag of Odoo's runner
    targets: tuple[str, ...]
    # None: without Odoo and database; else what its database is a copy of
    template: str | None = None
    traced: str | None = None
    is_hoot: bool = False
    # gets no copy, makes as many as it needs
    copies_itself: bool = False
    # roughly: what takes long begins early
    seconds: float = 0
    # mostly for servers, mails and clocks: can run beside what keeps processors busy
    waits: bool = False

    def command(self, database: str | None, record: Path) -> list[str]:
        """What is run; pytest writes its results to ``record``."""
        if self.is_hoot:
            return self._odoo_command(database)
        command = [sys.executable]
        if self.traced:
            command += ["-m", "coverage", "run", f"--source={self.traced}"]
        command += [
            "-m",
            "pytest",
            "--quiet",
            "-p",
            "test_record",
            f"--record={record}",
        ]
        if database and not self.copies_itself:
            command += pytest_odoo_options(database)
        return [*command, *self.targets]

    def _odoo_command(self, database: str) -> list[str]:
        options = ["-d", database, "--http-port", str(free_port()), "--stop-after-init"]
        tags = ",".join(self.targets)
        return [sys.executable, "-c", HOOT, *options, "--test-tags", tags]


def pytest_odoo_options(database: str) -> list[str]:
    """What makes pytest load Odoo with a database and serve it over HTTP.

    For the sake of assertions it would compile all of Odoo in a way of its own.
    """
    options = ["--assert=plain", "-p", "odoo"]
    return [*options, f"--odoo-database={database}", "--odoo-http"]


def template_of(addon: Addon) -> str:
    """What the database of an addon's tests is a copy of.

    Glue needs the apps of Odoo that it joins with ours, which the others do without.
    """
    if addon.is_demo:
        return "demo"
    if addon.is_glue:
        return "gallery"
    return "counted" if addon.has_books else "plain"


def groups_alone(addon: Addon) -> Iterator[Group]:
    """The groups of an addon that was named, on as little as it needs.

    So they show that it works without what builds on it.
    """
    template = template_of(addon)
    is_alone = template in ("plain", "counted")
    yield from groups_of_addon(addon, ALONE + addon.name if is_alone else template)


def groups_of_addon(addon: Addon, template: str | None = None) -> Iterator[Group]:
    """The groups of one addon, pure first.

    :param template: another one than that of a full run
    """
    root, folder = addon.path.parent, addon.path / "tests"
    template = template or template_of(addon)
    pure = [folder / name for name in PURE_PACKAGES if (folder / name).is_dir()]
    if pure:
        yield Group(f"{addon.name} pure", _relative(pure, root), traced=addon.name)
    files = [file for file in sorted(folder.rglob("test_*.py")) if not is_pure(file)]
    browser = [file for file in files if IN_BROWSER.search(file.read_text())]
    others = [file for file in files if file not in browser]
    if others:
        name, seconds = f"{addon.name} odoo", _sum_seconds(others)
        targets = _relative(others, root)
        yield Group(name, targets, template, addon.name, seconds=seconds)
    if browser:
        name, seconds = f"{addon.name} browser", _sum_seconds(browser)
        drawn = "drawn" if template == "plain" else template
        yield Group(name, _relative(browser, root), drawn, seconds=seconds)
    if targets := tuple(_list_hoot_targets(addon)):
        name, seconds = f"{addon.name} hoot", SECONDS_OF_HOOT * len(targets)
        yield Group(name, targets, template, is_hoot=True, seconds=seconds)


def _list_hoot_targets(addon: Addon) -> Iterator[str]:
    """All tests on a desktop; on a phone with ``--long`` too.

    By default on a phone, of an addon with tests of phones, those of the files with
    such tests and of a third of the others.
    """
    folder = addon.path / "static/tests"
    texts = {file: file.read_text() for file in sorted(folder.rglob("*.test.js"))}
    if not texts:
        return
    yield f"/web:WebSuite.test_unit_desktop[@{addon.name}]"
    if "KPI_LONG" in os.environ:
        yield f"/web:MobileWebSuite.test_unit_mobile[@{addon.name}]"
        return
    of_phones = [file for file, text in texts.items() if MOBILE_TAG.search(text)]
    if not of_phones:
        return

    names = {
        file: str(file.relative_to(folder)).removesuffix(".test.js") for file in texts
    }
    suites = [
        f"@{addon.name}/{name}"
        for file, name in names.items()
        if file in of_phones or _is_in_sample(name)
    ]
    yield f"/web:MobileWebSuite.test_unit_mobile[{','.join(suites)}]"


def _is_in_sample(name: str) -> bool:
    """One name of three, the same on every machine."""
    return int(sha256(name.encode()).hexdigest(), 16) % 3 == 0


def all_groups(addons: Iterable[Addon]) -> Iterator[Group]:
    """The groups of a run of everything."""
    yield from merged(group for addon in addons for group in groups_of_addon(addon))
    yield from groups_of_tests_folder()


def merged(groups: Iterable[Group]) -> Iterator[Group]:
    """The groups, but in one process all that need no Odoo, all in a browser, all of
    hoot, and what is short.

    Each process would load Odoo and bundle its assets anew; hoot Odoo's own tests.
    """
    found: dict[tuple[str, str | None], list[Group]] = {}
    for group in groups:
        kind = group.name.partition(" ")[2]
        template = None if group.is_hoot else group.template
        if kind == "odoo":
            kind = f"odoo on {template}"
            if group.seconds > MAX_SECONDS_MERGED:
                kind = group.name
        found.setdefault((kind, template), []).append(group)
    for (kind, template), same in found.items():
        name = same[0].name if len(same) == 1 else kind
        targets = tuple(target for group in same for target in group.targets)
        if same[0].is_hoot:
            suites: dict[str, list[str]] = {}
            for suite, addon in (target[:-1].split("[") for target in targets):
                suites.setdefault(suite, []).append(addon)
            targets = tuple(f"{s}[{','.join(addons)}]" for s, addons in suites.items())
            template = max((group.template for group in same), key=TEMPLATES.index)
        traced = ",".join(filter(None, [group.traced for group in same])) or None
        seconds = sum(group.seconds for group in same)
        yield Group(name, targets, template, traced, same[0].is_hoot, seconds=seconds)


def groups_of_tests_folder(root: Path = ROOT) -> Iterator[Group]:
    """A group for each folder below ``tests/``; all but setup copy a database."""
    for folder in sorted(path for path in (root / "tests").glob("*/")):
        files = sorted(folder.rglob("test_*.py"))
        if files:
            yield Group(
                f"tests/{folder.name}",
                _relative(files, root),
                None if folder.name == "setup" else "counted",
                copies_itself=True,
                seconds=_sum_seconds(files),
                waits=folder.name not in BUSY_FOLDERS,
            )


def split(group: Group, root: Path = ROOT) -> Iterator[Group]:
    """The group in parts of some minutes each, cut between files."""
    count = math.ceil(group.seconds / MAX_SECONDS_OF_PART)
    if count < 2 or group.is_hoot:
        yield group
        return

    parts: list[list[str]] = [[] for _ in range(count)]
    seconds = [_sum_seconds([root / target]) for target in group.targets]
    done = 0.0
    for target, own in zip(group.targets, seconds, strict=True):
        # where the middle of the file lies
        number = int((done + own / 2) / sum(seconds) * count)
        parts[min(number, count - 1)].append(target)
        done += own
    for number, targets in enumerate(filter(None, parts), 1):
        yield replace(
            group,
            name=f"{group.name} {number}",
            targets=tuple(targets),
            seconds=group.seconds / count,
        )


class Queue:
    """Groups that have not begun; lanes take the next."""

    def __init__(self, groups: Iterable[Group]) -> None:
        parts = [part for group in groups for part in split(group)]
        # What waits is left to its own lane as long as there is something else.
        self._left = sorted(
            parts, key=lambda one: (one.waits, one.template is not None, -one.seconds)
        )
        self._lock = threading.Lock()

    def take(self, waits_only: bool) -> Group | None:
        """The next group, of those that wait if only such are wanted."""
        with self._lock:
            for group in self._left:
                if group.waits or not waits_only:
                    self._left.remove(group)
                    return group
        return None


def is_pure(path: Path) -> bool:
    """Whether pytest runs this file or folder of an addon without Odoo."""
    path = path.resolve()
    for folder in path.parents:
        if (folder / "__manifest__.py").exists():
            parts = path.relative_to(folder).parts
            return len(parts) > 1 and parts[0] == "tests" and parts[1] in PURE_PACKAGES
    return False


def _sum_seconds(files: list[Path]) -> float:
    return sum(_estimate_seconds(file) for file in files)


def _estimate_seconds(file: Path) -> float:
    text = file.read_text()
    if (ROOT / "tests") in file.parents:
        is_busy = file.parent.name in BUSY_FOLDERS
        seconds = SECONDS_BUSY if is_busy else SECONDS_WAITING
    elif IN_BROWSER.search(text):
        seconds = SECONDS_IN_BROWSER
    else:
        seconds = SECONDS_WITH_ODOO
    return seconds * len(TEST.findall(text))


def _relative(paths: list[Path], root: Path) -> tuple[str, ...]:
    return tuple(str(path.relative_to(root)) for path in paths)
