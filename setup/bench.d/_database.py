"""The databases of the cases.

The kind of a case's database says what it holds: ``engine`` KPIs and the parts above
them; ``leads`` also the rows of :mod:`_leads_rows`; others an addon of ours, and what
``_<kind>_rows.py`` makes where there is one. It is built once, under a name with the
hash of all that it was made from, then copied for each case.
"""

import hashlib
import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import databases
from _harness import HERE
from _kpis import vacuum
from addons import EXPECTED, our_addons, ready_addons, with_lower
from installer import say
from odoo_environment import environment
from templates import Template

BELOW = ("crm", "gamification", "sale_management")
# kind → the addon that it is about; else kpi_tracking
ADDONS = {
    "benefits": "kpi_benefits",
    "bi": "kpi_bi_dashboard",
    "commissions": "kpi_deal_pipeline",
    "deals": "kpi_deal_pipeline",
    "gamification": "kpi_gamification",
    "queue": "kpi_base_queue_job",
    "requests": "kpi_workflow_tat",
    "warehouse": "kpi_tracking_warehouse",
}


@contextmanager
def own_database(kind: str, count: int) -> Iterator[str]:
    """The name of a new database, which is dropped at the end.

    :param count: rows of the main table
    """
    name = f"kpi_bench_run_{os.getpid()}"
    with databases.lock("bench"):
        databases.copy(_build(kind, count), name)
    try:
        yield name
    finally:
        databases.drop(name)


def _build(kind: str, count: int) -> str:
    """Makes the database unless it is there, and returns its name."""
    lower = with_lower(our_addons()[ADDONS.get(kind, "kpi_tracking")])
    addons = [each for each in ready_addons() if each in lower or each.is_part]
    template = Template(tuple(addons), beside=(*EXPECTED, *BELOW))
    source = HERE / f"_{kind}_rows.py"
    if not source.exists():
        return template.build()
    made_of = [template.name, str(count), str(date.today())]
    made_of += [file.read_text() for file in (source, HERE / "_rows.py")]
    digest = hashlib.sha256("\n".join(made_of).encode()).hexdigest()
    prefix = f"kpi_bench_{kind}_"
    name = prefix + digest[:12]
    if not databases.exists(name):
        say(f"making the database of the benchmarks: {kind}")
        with databases.building(name) as temporary:
            databases.copy(template.build(), temporary)
            with environment(temporary) as env:
                importlib.import_module(source.stem).fill(env, count)
                vacuum(env)
            for old in databases.names():
                if old.startswith(prefix) and old != temporary:
                    databases.drop(old)
    return name
