"""Tracking in bulk and turning on a theme: statements, and time beside the ORM."""

from collections.abc import Iterator
from typing import Any

from _harness import Bench, DifferentResults, Figure, case, count_statements

DEPARTMENTS, DEFINITIONS = 500, 20
ALLOWED, ROWS_PER_STATEMENT = 10, 100
COMPARED = ("name", "scope_type", "company_id", "owner_id", "status", "computation")


@case("engine")
def bulk_tracking(bench: Bench) -> Iterator[Figure]:
    """20 KPIs for 500 departments: 10,000 reports."""
    env = bench.env
    departments = env["hr.department"].create(
        [{"name": f"Department {n}"} for n in range(DEPARTMENTS)]
    )
    ours, theirs = _definitions(env, "ours"), _definitions(env, "theirs")
    env.cr.commit()
    count = count_statements(
        env, lambda: ours._track_for("department", departments), once=True
    )
    rows = len(ours) * len(departments)
    yield Figure(
        "bulk_tracking_statements", count, "statements", _allowed(rows), "<= 1"
    )
    _by_orm(env, theirs, departments)
    _check_same(ours, theirs)
    env.cr.rollback()
    seconds = bench.measure(
        lambda: ours._track_for("department", departments),
        lambda: _by_orm(env, theirs, departments),
        before=env.cr.rollback,
    )
    yield Figure("bulk_tracking_vs_orm", seconds[0], "s", seconds[1], "<= 0.5")


@case("engine")
def gallery(bench: Bench) -> Iterator[Figure]:
    """A theme of the gallery, for the company and 500 departments."""
    env = bench.env
    env["hr.department"].create(
        [{"name": f"Department {n}"} for n in range(DEPARTMENTS)]
    )
    env.cr.commit()
    kpis = env.ref("kpi_tracking.kpi_gallery_set_crm").kpi_ids
    count = count_statements(env, lambda: kpis._turn_on(["department"]), once=True)
    rows = len(kpis.definition_id.report_ids) + len(kpis)
    yield Figure("gallery_statements", count, "statements", _allowed(rows), "<= 1")


def _definitions(env: Any, prefix: str) -> Any:
    return env["kpi.definition"].create(
        [
            {"name": f"Entered {n}", "code": f"{prefix}_{n}", "owner_id": env.uid}
            for n in range(DEFINITIONS)
        ]
    )


def _by_orm(env: Any, definitions: Any, departments: Any) -> None:
    env["kpi.report"].with_context(tracking_disable=True).create(
        [
            {
                "definition_id": definition.id,
                "scope_type": "department",
                "department_id": department.id,
            }
            for definition in definitions
            for department in departments
        ]
    )
    env.flush_all()


def _check_same(ours: Any, theirs: Any) -> None:
    rows = [
        sorted(
            (report["scope_id"], *(str(report[name]) for name in COMPARED))
            for report in definitions.report_ids.read(["scope_id", *COMPARED])
        )
        for definitions in (ours, theirs)
    ]
    if rows[0] != rows[1]:
        raise DifferentResults("the reports are not those that the ORM creates")


def _allowed(rows: int) -> float:
    return ALLOWED + rows / ROWS_PER_STATEMENT
