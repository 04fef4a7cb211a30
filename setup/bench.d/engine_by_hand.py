"""The facts of the benchmark's KPIs as a developer writes them in SQL."""

from typing import Any

import engine_kpis
from engine_company import Company


def hand_written(company: Company) -> None:
    """The same facts: two statements per source, one per way of grouping."""
    # Estimates of computed rows are guesses: a script would rule out the worst plans.
    for setting in ("jit", "enable_nestloop", "enable_mergejoin"):
        company.env.cr.execute(f"SET LOCAL {setting} = off")
    for source in company.sources:
        for statement in (_plain(company, source), _by_department(company, source)):
            company.env.cr.execute(statement, _parameters(company, source))
    for setting in ("jit", "enable_nestloop", "enable_mergejoin"):
        company.env.cr.execute(f"SET LOCAL {setting} TO DEFAULT")


def _parameters(company: Company, source: engine_kpis.Source) -> dict[str, Any]:
    calendar = company.definitions[0].calendar_id
    codes = [values["code"] for values, _kpi in source.kpis]
    ids = {kpi.code: kpi.id for kpi in company.definitions}
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
        "definitions": [ids[code] for code in codes],
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
