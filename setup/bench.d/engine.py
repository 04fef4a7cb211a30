"""The metric engine against the fastest SQL written by hand for the same facts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import engine_kpis
from _harness import Bench, DifferentResults, Figure, case
from dateutil.relativedelta import relativedelta

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


def prepare(env: Any, *, share: float = 1.0) -> Company:
    """Define the KPIs and track each for 50 scopes (or a ``share`` of them)."""
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
    users = env["res.users"].search([("login", "like", "bench_user")], order="id")
    tops = env["hr.department"].search([("name", "like", "D")], order="id")
    teams = env["kpi.team"]._linked_to(
        env["crm.team"].search([("name", "=like", "Team %")], limit=TEAMS)
    )
    tracked = [
        ("company", env.company),
        ("user", users[: round(USERS * share)]),
        ("department", tops[: round(DEPARTMENTS * share)]),
        ("team", env["kpi.team"].browse([t.id for t in teams.values()][:TEAMS])),
    ]
    for scope_type, records in tracked:
        definitions._tracked_for(scope_type, records)
    env.flush_all()
    env["kpi.source"]._refresh_shared()
    env.cr.execute("ANALYZE kpi_report, kpi_membership, kpi_currency_rate")
    return Company(env, sources, definitions, first, stop)


def recompute(company: Company, *, force: bool = False) -> int:
    """What a user asks for: all KPIs over the twelve months."""
    sources = company.env["kpi.source"]
    return sources._recompute_all(company.first, company.last, force=force)


def hand_written(company: Company) -> None:
    """The same facts: two statements per source, one per way of grouping."""
    cr = company.env.cr
    cr.execute("SET LOCAL jit = off")
    for source in company.sources:
        for statement in (_plain(company, source), _by_department(company, source)):
            cr.execute(statement, _parameters(company, source))


def _parameters(company: Company, source: engine_kpis.Source) -> dict[str, Any]:
    calendar = company.definitions[0].calendar_id
    codes = [values["code"] for values, _kpi in source.kpis]
    by_code = {kpi.code: kpi.id for kpi in company.definitions}
    weight_at, place = [], len(source.kpis)
    for _values, kpi in source.kpis:
        place += bool(kpi.weight)
        weight_at.append(place if kpi.weight else None)
    return {
        "tz": calendar.tz,
        "calendar": calendar.id,
        "first": company.first,
        "stop": company.stop,
        "company": company.env.company.id,
        "definitions": [by_code[code] for code in codes],
        "weight_at": weight_at,
        "empty": [0.0 if kpi.is_zero_when_empty else None for _v, kpi in source.kpis],
    }


def _cells(source: engine_kpis.Source) -> str:
    kpis = [kpi for _values, kpi in source.kpis]
    cells = [f"({kpi.aggregate} FILTER (WHERE {kpi.filter}))::float8" for kpi in kpis]
    cells += [
        f"({kpi.weight} FILTER (WHERE {kpi.filter}))::float8"
        for kpi in kpis
        if kpi.weight
    ]
    return ", ".join(cells)


def _records(source: engine_kpis.Source) -> str:
    alias = source.table.split()[-1]
    moment = f"{alias}.{source.date_field}"
    return f"""
          FROM {source.table}
          {source.joins}
          JOIN kpi_calendar_day AS day
            ON day.calendar_id = %(calendar)s
           AND day.grain = 'month'
           AND day.day = (({moment} AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)::date
    """


def _range(source: engine_kpis.Source) -> str:
    alias = source.table.split()[-1]
    moment = f"{alias}.{source.date_field}"
    bound = "((%({name})s::timestamp AT TIME ZONE %(tz)s) AT TIME ZONE 'UTC')"
    return (
        f"{moment} >= {bound.format(name='first')}"
        f" AND {moment} < {bound.format(name='stop')}"
        f" AND ({alias}.company_id IS NULL OR {alias}.company_id = %(company)s)"
    )


def _plain(company: Company, source: engine_kpis.Source) -> str:
    alias = source.table.split()[-1]
    return _upsert(
        f"""
        SELECT day.period_start,
               CASE WHEN GROUPING({alias}.user_id) = 0 THEN 'user'
                    WHEN GROUPING(team.id) = 0 THEN 'team'
                    ELSE 'company' END AS scope_type,
               CASE WHEN GROUPING({alias}.user_id) = 0 THEN {alias}.user_id
                    WHEN GROUPING(team.id) = 0 THEN team.id
                    ELSE %(company)s END AS scope_id,
               ARRAY[{_cells(source)}] AS cells
          {_records(source)}
     LEFT JOIN kpi_team AS team
            ON team.linked_model = 'crm.team'
           AND team.linked_id = {alias}.team_id
         WHERE {_range(source)}
      GROUP BY GROUPING SETS (
                 (day.period_start, {alias}.user_id),
                 (day.period_start, team.id),
                 (day.period_start))
        """
    )


def _by_department(company: Company, source: engine_kpis.Source) -> str:
    alias = source.table.split()[-1]
    return _upsert(
        f"""
        SELECT day.period_start, member.scope_type, member.scope_id,
               ARRAY[{_cells(source)}] AS cells
          {_records(source)}
          JOIN kpi_membership AS member
            ON member.user_id = {alias}.user_id
           AND member.company_id = %(company)s
           AND member.scope_type = 'department'
           AND day.day >= member.date_from
           AND day.day < member.date_to
         WHERE {_range(source)}
      GROUP BY day.period_start, member.scope_type, member.scope_id
        """,
        scope_types="('department')",
    )


def _upsert(cells: str, scope_types: str = "('user', 'team', 'company')") -> str:
    """No revisions, no change detection: what a script would do."""
    return f"""
        WITH period AS (
            SELECT DISTINCT period_start AS start
              FROM kpi_calendar_day
             WHERE calendar_id = %(calendar)s
               AND grain = 'month'
               AND day >= %(first)s
               AND day < %(stop)s
        ),
        cell AS ({cells})
        INSERT INTO kpi_measurement AS fact
               (report_id, grain, period_start, value, weight, source, recorded_at)
        SELECT *
          FROM (
            SELECT report.id, 'month', period.start,
                   COALESCE(cell.cells[slot.place], slot.empty_value) AS value,
                   cell.cells[slot.weight_at] AS weight,
                   'records', now() AT TIME ZONE 'UTC'
              FROM kpi_report AS report
              JOIN unnest(%(definitions)s::int[], %(weight_at)s::int[],
                          %(empty)s::float8[])
                   WITH ORDINALITY AS slot(definition_id, weight_at, empty_value, place)
                ON slot.definition_id = report.definition_id
        CROSS JOIN period
         LEFT JOIN cell
                ON cell.scope_type = report.scope_type
               AND cell.scope_id = report.scope_id
               AND cell.period_start = period.start
             WHERE report.scope_type IN {scope_types}
          ORDER BY report.id, period.start
          ) AS wanted
         WHERE wanted.value IS NOT NULL
            ON CONFLICT (report_id, grain, period_start)
            DO UPDATE SET value = EXCLUDED.value, weight = EXCLUDED.weight,
                          recorded_at = EXCLUDED.recorded_at
         WHERE (fact.value, fact.weight)
               IS DISTINCT FROM (EXCLUDED.value, EXCLUDED.weight)
    """


# Facts


def forget(env: Any) -> None:
    """An empty fact table and no memory of what was computed, as on the first day."""
    env.cr.execute("ALTER TABLE kpi_measurement_revision DISABLE TRIGGER USER")
    env.cr.execute(
        "TRUNCATE kpi_measurement, kpi_measurement_revision, kpi_source_fingerprint"
    )
    env.cr.execute("ALTER TABLE kpi_measurement_revision ENABLE ALWAYS TRIGGER USER")
    env.invalidate_all()


def disturb(env: Any) -> None:
    """Give every fact another value, so that all have to be written."""
    env.cr.execute("UPDATE kpi_measurement SET value = value + 1")
    env.cr.execute("DELETE FROM kpi_source_fingerprint")
    env.cr.commit()
    env.cr._cnx.autocommit = True
    env.cr.execute("VACUUM ANALYZE kpi_measurement")
    env.cr._cnx.autocommit = False


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


@case(rows=True)
def recompute_vs_sql(bench: Bench) -> Iterator[Figure]:
    """10,000 reports over 12 months: first run, nothing changed, everything changed."""
    env = bench.env
    company = prepare(env)
    env.cr.commit()
    recompute(company)
    ours = all_facts(env)
    forget(env)
    hand_written(company)
    check_same(ours, all_facts(env))
    figures = []
    for state, before, force, target in (
        ("fresh", lambda: forget(env), False, "<= 1.3"),
        ("same", lambda: None, True, "<= 1.3"),
        ("changed", lambda: disturb(env), False, "<= 1.7"),
    ):
        if state != "fresh":
            forget(env)
            recompute(company)
        seconds = bench.measure(
            lambda force=force: recompute(company, force=force),
            lambda: hand_written(company),
            before=before,
        )
        figures.append(
            Figure(f"recompute_vs_sql_{state}", seconds[0], "s", seconds[1], target)
        )
    yield from figures
    worst = max(figures, key=lambda figure: figure.ratio)
    yield Figure("recompute_vs_sql", worst.value, "s", worst.reference)
