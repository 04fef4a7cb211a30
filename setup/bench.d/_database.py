"""The databases of the benchmarks: built once in steps, then copied for each case.

Each step starts from a copy of the one before, and its name carries the hash of all it
was made from: Odoo's addons, then rows, then our engine; or Odoo's addons, then ours
with deals. So a change of the engine repeats the last step only.
"""

import hashlib
import importlib
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import databases
from _odoo import environment
from addons import Addon, needed_of_odoo, our_addons, with_lower
from installer import run_odoo, say

HERE = Path(__file__).parent
ENGINE = "kpi_tracking"
# kind of a case's database → what is installed before its rows, and what makes these
ADDONS = {
    "benefits": "kpi_benefits",
    "deals": "kpi_deal_pipeline",
    "few-requests": "kpi_workflow_tat",
    "requests": "kpi_workflow_tat",
}
ROWS = {
    "benefits": "_benefits_rows",
    "deals": "_deals_rows",
    "few-requests": "_tat_rows",
    "requests": "_tat_rows",
}
ODOO_ADDONS = ("account", "crm", "gamification", "hr", "project", "sale_management")


@dataclass(frozen=True)
class Step:
    """A state of the database.

    :ivar make: turns a copy of the step before, or nothing, into this state
    """

    kind: str
    made_of: str
    make: Callable[[str], None]
    previous: "Step | None" = None

    @property
    def name(self) -> str:
        before = self.previous.name if self.previous else ""
        digest = hashlib.sha256(f"{before}\n{self.made_of}".encode()).hexdigest()
        return f"kpi_bench_{self.kind}_{digest[:12]}"

    def build(self) -> str:
        """Makes the database unless it is there, and returns its name."""
        if databases.exists(self.name):
            return self.name
        source = self.previous.build() if self.previous else None
        say(f"making the database of the benchmarks: {self.kind}")
        with databases.building(self.name) as temporary:
            if source:
                databases.copy(source, temporary)
            self.make(temporary)
            prefix = f"kpi_bench_{self.kind}_"
            for name in databases.names():
                if name.startswith(prefix) and not name.endswith("-building"):
                    databases.drop(name)
        return self.name


def _install(names: str, database: str) -> None:
    options = ["-d", database, "-i", names, "--stop-after-init", "--no-http"]
    run_odoo(options, Path(os.environ["KPI_STATE"], "logs", "bench.log"))


def _steps(kind: str, count: int) -> Step:
    """The last step to a database of a kind, whose name in it says what it is made of.

    Rows of Odoo come before the engine, those of ours after their addon.
    """
    addon = our_addons()[ADDONS.get(kind, ENGINE)]
    names = needed_of_odoo([addon]).union(() if kind in ADDONS else ODOO_ADDONS)
    listed = ",".join(sorted(names))
    step = Step(f"below_{addon.name}", listed, lambda name: _install(listed, name))
    source = HERE / f"{ROWS.get(kind, 'rows')}.py"
    # Those of Odoo end with the last month, so they serve for all of this one.
    day = date.today() if kind in ADDONS else date.today().replace(day=1)
    made_of = f"{count}\n{day}\n{source.read_text(encoding='utf-8')}"
    if kind in ADDONS:
        made_of += _hash_of(addon)
        return Step(
            kind, made_of, lambda name: _fill(addon.name, source, count, name), step
        )
    if kind == "rows":
        step = Step(kind, made_of, lambda name: _fill("", source, count, name), step)
    kind = f"engine_with_{kind}" if kind == "rows" else "engine"
    return Step(kind, _hash_of(addon), lambda name: _install(ENGINE, name), step)


def _fill(addon: str, source: Path, count: int, database: str) -> None:
    if addon:
        _install(addon, database)
    with environment(database) as env:
        # Odoo's addons are there only now.
        importlib.import_module(source.stem).fill(env, count, datetime.now())
        env.cr.commit()
    with closing(databases.connect(database)) as connection:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _hash_of(addon: Addon) -> str:
    """Changes with all that its installation brings: those below it, and the parts."""
    lower = with_lower(addon)
    brought = [each for each in our_addons().values() if each in lower or each.is_part]
    return "\n".join(each.database_hash for each in brought)


@contextmanager
def own_database(kind: str, count: int, suffix: str = "") -> Iterator[str]:
    """The name of a new database, which is dropped at the end.

    :param kind: that of a ``Case``: what it holds, ``count`` of them
    :param suffix: of its name, where a case has another one
    """
    name = f"kpi_bench_run_{os.getpid()}{suffix}"
    with databases.lock("bench"):
        databases.copy(_steps(kind, count).build(), name)
    try:
        yield name
    finally:
        databases.drop(name)
