"""The databases of the benchmarks: built once in steps, then copied for each case.

Each step starts from a copy of the one before, and its name carries the hash of all it
was made from: Odoo's addons, then rows, then our engine; or Odoo's addons, then ours
with deals. So a change of the engine repeats the last step only.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import databases
import rows
from _odoo import environment
from addons import Addon, needed_of_odoo, our_addons, with_lower
from installer import run_odoo, say

HERE = Path(__file__).parent
ENGINE = "kpi_tracking"
DEALS, REQUESTS = "kpi_deal_pipeline", "kpi_workflow_tat"
BENEFITS = "kpi_benefits"
ROWS_OF_INITIATIVE = 100  # of those asked for: their months are some 360 each
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


def _install(names: list[str], database: str) -> None:
    options = ["-d", database, "-i", ",".join(names), "--stop-after-init", "--no-http"]
    run_odoo(options, Path(os.environ["KPI_STATE"], "logs", "bench.log"))


def _vacuum(database: str) -> None:
    with closing(databases.connect(database)) as connection:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _fill(count: int, database: str) -> None:
    with environment(database) as env:
        rows.fill(env, leads=count, orders=count, today=date.today())
        env.cr.commit()
    _vacuum(database)


def _fill_deals(count: int, database: str) -> None:
    _install([DEALS], database)
    with environment(database) as env:
        # Odoo's addons are there only now.
        from _deals_rows import fill

        fill(env, deals=count, today=date.today())
        env.cr.commit()
    _vacuum(database)


def _deals_steps(count: int) -> Step:
    deals = our_addons()[DEALS]
    names = sorted(needed_of_odoo([deals]))
    step = Step("crm", ",".join(names), lambda name: _install(names, name))
    source = Path(HERE, "_deals_rows.py").read_text(encoding="utf-8")
    made_of = f"{_hash_of(deals)}\n{count}\n{date.today()}\n{source}"
    return Step("deals", made_of, lambda name: _fill_deals(count, name), step)


def _fill_requests(count: int, database: str) -> None:
    _install([REQUESTS], database)
    with environment(database) as env:
        # As above.
        from _tat_rows import fill

        fill(env, requests=count, now=datetime.now())
        env.cr.commit()
    _vacuum(database)


def _requests_steps(kind: str, count: int) -> Step:
    requests = our_addons()[REQUESTS]
    names = sorted(needed_of_odoo([requests]))
    step = Step("people", ",".join(names), lambda name: _install(names, name))
    source = Path(HERE, "_tat_rows.py").read_text(encoding="utf-8")
    made_of = f"{_hash_of(requests)}\n{count}\n{date.today()}\n{source}"
    return Step(kind, made_of, lambda name: _fill_requests(count, name), step)


def _fill_benefits(count: int, database: str) -> None:
    _install([BENEFITS], database)
    with environment(database) as env:
        # As above.
        from _benefits_rows import fill

        fill(env, initiatives=count, today=date.today())
        env.cr.commit()
    _vacuum(database)


def _benefits_steps(count: int) -> Step:
    benefits = our_addons()[BENEFITS]
    names = sorted(needed_of_odoo([benefits]))
    step = Step("projects", ",".join(names), lambda name: _install(names, name))
    source = Path(HERE, "_benefits_rows.py").read_text(encoding="utf-8")
    made_of = f"{_hash_of(benefits)}\n{count}\n{date.today()}\n{source}"
    return Step("benefits", made_of, lambda name: _fill_benefits(count, name), step)


def _steps(kind: str, count: int) -> Step:
    if kind == "benefits":
        return _benefits_steps(max(1, count // ROWS_OF_INITIATIVE))
    if kind == "deals":
        return _deals_steps(count)
    if kind in ("requests", "few-requests"):
        return _requests_steps(kind, count)
    with_rows = kind == "rows"
    engine = our_addons()[ENGINE]
    names = sorted(needed_of_odoo([engine]).union(ODOO_ADDONS))
    step = Step("odoo", ",".join(names), lambda name: _install(names, name))
    if with_rows:
        source = Path(rows.__file__).read_text(encoding="utf-8")
        made_of = f"{count}\n{rows.window(date.today())}\n{source}"
        step = Step("rows", made_of, lambda name: _fill(count, name), step)
    kind = "engine_with_rows" if with_rows else "engine"
    return Step(kind, _hash_of(engine), lambda name: _install([ENGINE], name), step)


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
