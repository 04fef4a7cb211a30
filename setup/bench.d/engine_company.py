"""The benchmark's company: its KPIs, the scopes they are tracked for, their facts."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

import engine_kpis
from _harness import DifferentResults
from _kpis import forget, vacuum

PERIODS = 12
USERS, DEPARTMENTS, TEAMS = 36, 10, 3  # and the company: 50 reports a definition
FACT_COLUMNS = "report_id, period_start, value, weight"


@dataclass
class Company:
    """The benchmark's KPIs in a database with rows, and the periods measured."""

    env: Any
    sources: list[engine_kpis.Source]
    definitions: Any
    first: date
    stop: date

    @property
    def last(self) -> date:
        return self.stop - relativedelta(days=1)


def prepare(env: Any) -> Company:
    """Define the KPIs and track each for 50 scopes, committed and with statistics."""
    sources = [engine_kpis.lead_source(env), engine_kpis.order_source(env)]
    stop = date.today().replace(day=1)
    first = stop - relativedelta(months=PERIODS)
    definitions = env["kpi.definition"].create(
        [
            {
                **values,
                "model_name": source.model,
                "date_field": source.date_field,
                "history_start": first,
                "coarsest_grain": "month",
            }
            for source in sources
            for values, _hand_written in source.kpis
        ]
    )
    for scope_type, records in _scopes(env):
        definitions._track_for(scope_type, records)
    company = Company(env, sources, definitions, first, stop)
    recompute(company)  # makes the days of the calendar, which both sides join
    forget(env)
    vacuum(env)
    return company


def _scopes(env: Any) -> list[tuple[str, Any]]:
    users = env["res.users"].search(
        [("login", "like", "bench_user")], order="id", limit=USERS
    )
    divisions = env["hr.department"].search(
        [("name", "like", "Division")], order="id", limit=DEPARTMENTS
    )
    crm_teams = env["crm.team"].search([("name", "=like", "Team %")], limit=TEAMS)
    teams = env["kpi.team"].union(
        *env["kpi.team"]._find_or_create_linked(crm_teams).values()
    )
    return [
        ("company", env.company),
        ("user", users),
        ("department", divisions),
        ("team", teams),
    ]


def recompute(company: Company, *, force: bool = False) -> int:
    """What a user asks for: all KPIs over the twelve months."""
    sources = company.env["kpi.source"]
    return sources._recompute_all(company.first, company.last, force=force)


def disturb(env: Any) -> None:
    """Give every fact another value, so that all have to be written."""
    env.cr.execute("UPDATE kpi_measurement SET value = value + 1")
    env["kpi.source"].search([])._forget_fingerprints()
    vacuum(env, "kpi_measurement")


def all_facts(env: Any) -> list[tuple]:
    env.cr.execute(
        f"SELECT {FACT_COLUMNS} FROM kpi_measurement ORDER BY report_id, period_start"
    )
    return env.cr.fetchall()


def check_same(ours: list[tuple], reference: list[tuple]) -> None:
    if len(ours) != len(reference):
        raise DifferentResults(f"{len(ours)} facts, by hand {len(reference)}")
    for fact, by_hand in zip(ours, reference, strict=True):
        if fact[:2] != by_hand[:2] or not all(map(_close, fact[2:], by_hand[2:])):
            raise DifferentResults(f"{fact}, by hand {by_hand}")


def _close(number: float | None, other: float | None) -> bool:
    if number is None or other is None:
        return number is other
    return abs(number - other) <= 1e-9 * max(1.0, abs(number), abs(other))
