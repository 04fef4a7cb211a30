"""What a full test run consists of: groups that each run in a process of their own.

Per addon: its pure packages without Odoo; its Odoo and HTTP tests with pytest-odoo;
its browser tests (no coverage: they are slow enough); its hoot tests with Odoo's own
runner, which pytest-odoo cannot select. Besides: the folders below ``tests/``.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from addons import ROOT, Addon
from ports import free_port

PURE_PACKAGES = ("engine", "analytics", "schemas")
# begins the name of the template with nothing but an addon and what it depends on
ALONE = "alone "
IN_BROWSER = re.compile(r"\b(?:start_tour|browser_js)\(|\b(?:AxeMixin|ScreenVisits)\b")
TEST = re.compile(r"^\s+def test_", re.MULTILINE)
# a test in a browser takes as long as so many others; so does a run of hoot tests
WORK_IN_BROWSER, WORK_OF_HOOT = 20, 100
# in tests: fewer share a process with those of other addons
MOST_WORK_MERGED = 200
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
    # roughly, in tests: what takes long begins early
    work: int = 0

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
        name, work = f"{addon.name} odoo", _count_tests(others)
        yield Group(name, _relative(others, root), template, addon.name, work=work)
    if browser:
        name, work = f"{addon.name} browser", WORK_IN_BROWSER * _count_tests(browser)
        yield Group(name, _relative(browser, root), template, work=work)
    texts = [f.read_text() for f in (addon.path / "static/tests").rglob("*.test.js")]
    suites = ["WebSuite.test_unit_desktop"] if texts else []
    if any(MOBILE_TAG.search(text) for text in texts):
        suites.append("MobileWebSuite.test_unit_mobile")
    if targets := tuple(f"/web:{suite}[@{addon.name}]" for suite in suites):
        name, work = f"{addon.name} hoot", WORK_OF_HOOT * len(targets)
        yield Group(name, targets, template, is_hoot=True, work=work)


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
            if group.work > MOST_WORK_MERGED:
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
        work = sum(group.work for group in same)
        yield Group(name, targets, template, traced, same[0].is_hoot, work=work)


def groups_of_tests_folder(root: Path = ROOT) -> Iterator[Group]:
    """A group for each folder below ``tests/``; all but setup copy a database."""
    for folder in sorted(path for path in (root / "tests").glob("*/")):
        if any(folder.rglob("test_*.py")):
            name = f"tests/{folder.name}"
            template = None if folder.name == "setup" else "counted"
            yield Group(name, (name,), template, copies_itself=True)


def is_pure(path: Path) -> bool:
    """Whether pytest runs this file or folder of an addon without Odoo."""
    path = path.resolve()
    for folder in path.parents:
        if (folder / "__manifest__.py").exists():
            parts = path.relative_to(folder).parts
            return len(parts) > 1 and parts[0] == "tests" and parts[1] in PURE_PACKAGES
    return False


def _count_tests(files: list[Path]) -> int:
    return sum(len(TEST.findall(file.read_text())) for file in files)


def _relative(paths: list[Path], root: Path) -> tuple[str, ...]:
    return tuple(str(path.relative_to(root)) for path in paths)
