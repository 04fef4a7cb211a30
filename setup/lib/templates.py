"""Template databases: built once for a state of the files, then copied.

Two steps: the addons of Odoo that ours depend on, which rarely change, then ours on a
copy of that. The name of a template carries the hash of what it was made from, and the
day where it holds a demo company, whose story ends today.
"""

import fcntl
import hashlib
import importlib.util
import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import IO

import databases
from addons import (
    EXPECTED,
    Addon,
    needed_of_odoo,
    our_addons,
    ready_addons,
    with_lower,
)
from installer import ODOO_BIN, run_odoo, say

STATE = Path(os.environ["KPI_STATE"])
MAKE_BUNDLES = Path(__file__).with_name("make_bundles.py")
# a few checkouts with a few each
KEPT = 16
# what the tests below tests/ count in, whether or not one of our addons needs it
COUNTED_ADDONS = ("crm", "project", "sale_management")
# what the KPIs of the gallery are counted in besides
GALLERY_ADDONS = (
    "account", "hr_attendance", "hr_expense", "hr_holidays", "hr_recruitment",
    "hr_timesheet", "purchase_stock", "sale_margin", "sale_stock", "sale_timesheet",
)  # fmt: skip
# open, and locked, as long as this process may copy the template
_in_use: list[IO[str]] = []


@dataclass(frozen=True)
class Template:
    """A database with ``addons`` installed and none else of ours.

    :ivar beside: more addons of Odoo
    :ivar on: one with fewer addons of Odoo; theirs are not installed once more
    :ivar is_traced: note which lines of the demo addons their installation runs
    :ivar has_bundles: a copy of the one without, with what browsers ask for
    """

    addons: tuple[Addon, ...]
    beside: tuple[str, ...] = ()
    on: "Template | None" = None
    is_traced: bool = False
    has_bundles: bool = False

    @property
    def name(self) -> str:
        parts = [f"{addon.name}:{addon.database_hash}" for addon in self.addons]
        if self._demo_addons:
            parts += [str(date.today()), f"traced: {self.is_traced}"]
        if self.has_bundles:
            parts.append("bundles")
        return f"kpi_template_{_digest([self._foundation, *parts])}"

    @property
    def _demo_addons(self) -> list[str]:
        return [addon.name for addon in self.addons if addon.is_demo]

    @property
    def _foundation(self) -> str:
        """The name of the database with the addons of Odoo below ours."""
        spec = importlib.util.find_spec("odoo")
        source = spec.submodule_search_locations
        return f"kpi_foundation_{_digest([*source, *self._odoo_addons])}"

    @property
    def _odoo_addons(self) -> list[str]:
        return sorted(needed_of_odoo(self.addons).union(self.beside))

    @property
    def coverage_files(self) -> list[Path]:
        """Which lines of the demo addons their installation ran."""
        return list((STATE / "templates").glob(f"{self.name}.coverage*"))

    def build(self) -> str:
        """Makes the database unless it is there, and returns its name."""
        name = self.name
        with databases.lock(name):
            _mark_used(name)
            if databases.exists(name):
                return name
            if self.has_bundles:
                self._make_bundles(name)
            else:
                self.build_foundation()
                self._install_ours(name)
        return name

    def build_foundation(self) -> str:
        """Makes the database without our addons unless it is there; its name."""
        name = self._foundation
        with databases.lock(name):
            _mark_used(name)
            _forget_old()
            if not databases.exists(name):
                self._install_odoo(name)
        return name

    def _install_odoo(self, name: str) -> None:
        names = self._odoo_addons
        below = self.on and self.on.build_foundation()
        if self.on:
            names = sorted({*names}.difference(self.on._odoo_addons))
        say(f"making a template database: {len(names)} addons of Odoo")
        with databases.building(name) as temporary:
            if below:
                databases.copy(below, temporary)
            # where more apps stand beside ours, so does what joins them
            self._install(temporary, names, () if below else ["--skip-auto-install"])

    def _install_ours(self, name: str) -> None:
        names = [addon.name for addon in self.addons]
        say(f"making a template database: {', '.join(names)}")
        with databases.building(name) as temporary:
            databases.copy(self._foundation, temporary)
            # a demo addon is mostly hooks, which run here and nowhere else
            traced = self._demo_addons if self.is_traced else ()
            # the name of the template says nothing of parts and glue above these
            self._install(temporary, names, ["--skip-auto-install"], traced)

    def _make_bundles(self, name: str) -> None:
        below = replace(self, has_bundles=False).build()
        say("making scripts and styles")
        with databases.building(name) as temporary:
            databases.copy(below, temporary)
            run_odoo(
                ["shell", "-d", temporary, "--no-http"],
                STATE / "logs" / f"{temporary}.log",
                script=MAKE_BUNDLES,
            )

    def _install(
        self,
        database: str,
        names: list[str],
        options: Iterable[str] = (),
        traced: Iterable[str] = (),
    ) -> None:
        python = [ODOO_BIN]
        if traced:
            data = STATE / "templates" / f"{self.name}.coverage"
            source = f"--source={','.join(traced)}"
            python = ["-m", "coverage", "run", f"--data-file={data}", source, *python]
        run_odoo(
            ["-d", database, "-i", ",".join(names), "--stop-after-init", "--no-http"]
            + [*options],
            STATE / "logs" / f"{database}.log",
            python=python,
        )


def template_alone(addon: Addon) -> Template:
    """The addon on what it depends on, without the parts above it."""
    return Template(tuple(with_lower(addon)), beside=EXPECTED)


def templates_for_tests(
    ready: list[Addon], is_traced: bool = False
) -> dict[str, Template]:
    """``plain`` has no demo addon and glue, ``demo`` what ``setup/serve`` installs.

    ``drawn`` is ``plain`` with what browsers ask for.

    ``counted`` has the addons of Odoo that tests across addons count in, ``gallery``
    all that the KPIs of the gallery need; and so the glue, which installs itself, and
    what stands on Odoo's Invoicing: ``plain`` is small, as most tests run on it.
    """
    features = tuple(addon for addon in ready if not addon.is_demo)
    served = tuple(addon for addon in ready if addon.is_demo or not addon.is_extra)
    small = tuple(a for a in features if not (a.is_glue or a.has_books))
    plain = Template(small, beside=EXPECTED)
    counted = Template(features, beside=(*EXPECTED, *COUNTED_ADDONS), on=plain)
    gallery = (*counted.beside, *GALLERY_ADDONS)
    return {
        "plain": plain,
        "drawn": replace(plain, has_bundles=True),
        "counted": counted,
        "demo": Template(served, beside=EXPECTED, is_traced=is_traced),
        "gallery": Template(features, beside=gallery, on=counted),
    }


def counted_copy() -> AbstractContextManager[str]:
    """The name of a copy of the template ``counted`` for a test."""
    return template_copy("counted")


@contextmanager
def template_copy(kind: str) -> Iterator[str]:
    """The name of a copy of a template of ``templates_for_tests`` for a test."""
    template = templates_for_tests(ready_addons())[kind]
    with databases.temporary_copy(template.build()) as name:
        yield name


@contextmanager
def copy_alone(addon: str) -> Iterator[str]:
    """The name of a copy of ``template_alone`` of the addon named, for a test."""
    template = template_alone(our_addons()[addon])
    with databases.temporary_copy(template.build()) as name:
        yield name


@contextmanager
def foundation_copy(kind: str = "counted") -> Iterator[str]:
    """The name of a copy of what is below our addons in such a template."""
    template = templates_for_tests(ready_addons())[kind]
    with databases.temporary_copy(template.build_foundation()) as name:
        yield name


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _mark_used(*names: str) -> None:
    """Notes that the templates are used now, and by this process until it ends."""
    folder = STATE / "templates"
    folder.mkdir(exist_ok=True)
    for name in names:
        mark = (folder / f"{name}.used").open("w")
        os.utime(mark.fileno())
        fcntl.flock(mark, fcntl.LOCK_SH)
        _in_use.append(mark)


def _forget_old() -> None:
    """Keeps the templates used last of each kind, and those that others use."""
    for kind in ("kpi_template", "kpi_foundation"):
        with suppress(FileNotFoundError):  # another command is at it
            marks = list((STATE / "templates").glob(f"{kind}_*.used"))
            marks.sort(key=lambda file: file.stat().st_mtime, reverse=True)
            for mark in marks[KEPT:]:
                with mark.open() as handle:
                    _forget_unless_used(mark, handle)


def _forget_unless_used(mark: Path, handle: IO[str]) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    databases.drop(mark.stem)
    databases.drop(f"{mark.stem}-building", force=True)
    for file in mark.parent.glob(f"{mark.stem}.*"):
        file.unlink()
