"""The company of the engine's benchmarks: 200 KPIs on two sources, each tracked for 50
scopes, said twice.

Once as definitions, once as the filters and aggregates that a developer would write by
hand, so that both sides can be compared and timed.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

from _harness import DifferentResults
from _kpis import forget, vacuum

PERIODS = 12
USERS, DEPARTMENTS, TEAMS = 36, 10, 3  # and the company: 50 reports a definition
MEASURES = ["count"] * 30 + ["sum"] * 30 + ["average"] * 15 + ["distinct"] * 10
MEASURES += ["min", "max"] * 7 + ["min"]
CONVERTED = 50  # sums of orders up to this number are in the company's currency
AGGREGATES = {
    "count": "count(*)",
    "distinct": "count(DISTINCT {0})",
    "sum": "sum({0})",
    "average": "avg({0})",
    "min": "min({0})",
    "max": "max({0})",
}
PARTNER = "LEFT JOIN res_partner AS partner ON partner.id = {alias}.partner_id"
STAGE = "LEFT JOIN crm_stage AS stage ON stage.id = lead.stage_id"
RATE = """
    LEFT JOIN kpi_currency_rate AS rate
           ON rate.company_id = %(company)s
          AND rate.currency_id = sale.currency_id
          AND rate.day
              = ((sale.date_order AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)::date
"""


@dataclass(frozen=True)
class Kpi:
    """A KPI: its definition, and the cells that a developer would select for it."""

    definition: dict[str, Any]
    cell: str
    weight: str | None

    @property
    def empty(self) -> float | None:
        """The value of a period without records."""
        is_number = self.definition["measure"] in ("count", "distinct", "sum")
        return 0.0 if is_number else None


@dataclass(frozen=True)
class Source:
    """A table with its KPIs.

    :ivar joins: what the hand-written filters and operands need
    """

    model: str
    alias: str
    date_field: str
    joins: str
    kpis: list[Kpi]


@dataclass
class Company:
    """The benchmark's KPIs in a database with rows, and the periods measured."""

    env: Any
    sources: list[Source]
    definitions: Any
    first: date
    stop: date


def prepare(env: Any) -> Company:
    """Define the KPIs and track each for 50 scopes, committed and with statistics."""
    sources = _list_sources(env)
    stop = date.today().replace(day=1)
    first = stop - relativedelta(months=PERIODS)
    definitions = env["kpi.definition"].create(
        [
            {
                **kpi.definition,
                "model_name": source.model,
                "date_field": source.date_field,
                "history_start": first,
                "coarsest_grain": "month",
            }
            for source in sources
            for kpi in source.kpis
        ]
    )
    users = env["res.users"].search([("login", "like", "bench_user")], order="id")
    divisions = env["hr.department"].search([("name", "like", "Division")], order="id")
    teams = env["crm.team"].search([("name", "=like", "Team %")], limit=TEAMS)
    linked = env["kpi.team"]._find_or_create_linked(teams).values()
    definitions._track_for("company", env.company)
    definitions._track_for("user", users[:USERS])
    definitions._track_for("department", divisions[:DEPARTMENTS])
    definitions._track_for("team", env["kpi.team"].union(*linked))
    company = Company(env, sources, definitions, first, stop)
    recompute(company)  # makes the days of the calendar, which both sides join
    forget(env)
    vacuum(env)
    return company


def recompute(company: Company, *, force: bool = False) -> None:
    """What a user asks for: all KPIs over the twelve months."""
    last = company.stop - relativedelta(days=1)
    company.env["kpi.source"]._recompute_all(company.first, last, force=force)


def check_same(ours: list[tuple], reference: list[tuple]) -> None:
    """:raises DifferentResults: facts differ by more than rounding"""
    if len(ours) != len(reference):
        raise DifferentResults(f"{len(ours)} facts, by hand {len(reference)}")
    for fact, by_hand in zip(ours, reference, strict=True):
        if fact[:2] != by_hand[:2] or not all(map(_is_close, fact[2:], by_hand[2:])):
            raise DifferentResults(f"{fact}, by hand {by_hand}")


def _is_close(number: float | None, other: float | None) -> bool:
    if number is None or other is None:
        return number is other
    return abs(number - other) <= 1e-9 * max(1.0, abs(number), abs(other))


def _list_sources(env: Any) -> list[Source]:
    customers = env["res.partner"].search([("name", "=like", "Customer %")])
    mediums = env["utm.medium"].search([], limit=10).ids
    countries = customers.country_id.ids

    def by(field: str, column: str, values: Any) -> list[tuple[str, str]]:
        return [
            (f"[('{field}', '=', {value!r})]", f"{column} = {value!r}")
            for value in values
        ]

    by_country = by("partner_id.country_id", "partner.country_id", countries)
    lead = _list_kpis(
        "lead",
        "expected_revenue",
        by("medium_id", "lead.medium_id", mediums)
        + by("priority", "lead.priority", "0123"),
        [("[('stage_id.is_won', '=', True)]", "stage.is_won"), *by_country],
        also=" AND lead.active",
    )
    sale = _list_kpis(
        "sale",
        "amount_total",
        by("medium_id", "sale.medium_id", mediums)
        + by("state", "sale.state", ("sale", "draft", "cancel")),
        by_country,
        currency=env.company.currency_id.id,
    )
    joins = PARTNER.format(alias="lead") + "\n" + STAGE
    leads = Source("crm.lead", "lead", "create_date", joins, lead)
    joins = PARTNER.format(alias="sale") + RATE
    return [leads, Source("sale.order", "sale", "date_order", joins, sale)]


def _list_kpis(
    alias: str,
    amount: str,
    own: list[tuple[str, str]],
    crossing: list[tuple[str, str]],
    *,
    also: str = "",
    currency: int = 0,
) -> list[Kpi]:
    """KPIs by conditions on the table itself and on others, in turns.

    :param also: what a developer adds to each condition
    :param currency: some sums are converted to it
    """
    kpis = []
    for number, measure in enumerate(MEASURES):
        conditions = crossing if number % 2 else own
        domain, condition = conditions[number // 2 % len(conditions)]
        is_converted = currency and measure == "sum" and number < CONVERTED
        column = "partner_id" if measure == "distinct" else amount
        operand = f"{alias}.{column}"
        if is_converted:
            operand = (
                f"CASE WHEN {alias}.currency_id = {currency} THEN {operand}"
                f" ELSE {operand} / rate.rate END"
            )
        definition = {
            "name": f"{alias} {number} {measure}",
            "code": f"{alias}_{number}_{measure}",
            "computation": "records",
            "measure": measure,
            "measure_field": column if measure != "count" else False,
            "domain": domain,
            "unit": "currency" if is_converted else "number",
        }
        where = f"FILTER (WHERE ({condition}){also})"
        cell = f"({AGGREGATES[measure].format(operand)} {where})::float8"
        is_weighted = measure == "average"
        weight = f"(count({operand}) {where})::float8" if is_weighted else None
        kpis.append(Kpi(definition, cell, weight))
    return kpis


def write_by_hand(company: Company) -> None:
    """The same facts: two statements per source, one per way of grouping."""
    cr = company.env.cr
    # Estimates of computed rows are guesses: a script would rule out the worst plans.
    settings = ("jit", "enable_nestloop", "enable_mergejoin")
    for setting in settings:
        cr.execute(f"SET LOCAL {setting} = off")
    calendar = company.definitions[0].calendar_id
    ids = {definition.code: definition.id for definition in company.definitions}
    for source in company.sources:
        cells = [kpi.cell for kpi in source.kpis]
        weight_at = []
        for kpi in source.kpis:
            cells += [kpi.weight] if kpi.weight else []
            weight_at.append(len(cells) if kpi.weight else None)
        values = {
            "tz": calendar.tz,
            "shape": calendar.shape,
            "first": company.first,
            "stop": company.stop,
            "company": company.env.company.id,
            "definitions": [ids[kpi.definition["code"]] for kpi in source.kpis],
            "weight_at": weight_at,
            "empty": [kpi.empty for kpi in source.kpis],
        }
        texts = {
            "alias": source.alias,
            "table": source.model.replace(".", "_"),
            "moment": f"{source.alias}.{source.date_field}",
            "joins": source.joins,
            "cells": ", ".join(cells),
        }
        for grouping in (_SCOPES, _DEPARTMENTS):
            parts = {name: text.format(**texts) for name, text in grouping.items()}
            cr.execute(_UPSERT.format(**texts, **parts), values)
    for setting in settings:
        cr.execute(f"SET LOCAL {setting} TO DEFAULT")


_SCOPES = {
    "scope_type": """
        CASE WHEN GROUPING({alias}.user_id) = 0 THEN 'user'
             WHEN GROUPING(team.id) = 0 THEN 'team' ELSE 'company' END""",
    "scope_id": """
        CASE WHEN GROUPING({alias}.user_id) = 0 THEN {alias}.user_id
             WHEN GROUPING(team.id) = 0 THEN team.id ELSE %(company)s END""",
    "scopes": """
        LEFT JOIN kpi_team AS team
               ON team.linked_model = 'crm.team' AND team.linked_id = {alias}.team_id
    """,
    "groups": """GROUPING SETS ((day.period_start, {alias}.user_id),
                                (day.period_start, team.id), (day.period_start))""",
    "types": "('user', 'team', 'company')",
}
_DEPARTMENTS = {
    "scope_type": "member.scope_type",
    "scope_id": "member.scope_id",
    "scopes": """
        JOIN kpi_membership AS member
          ON member.user_id = {alias}.user_id AND member.company_id = %(company)s
         AND member.scope_type = 'department'
         AND day.day >= member.date_from AND day.day < member.date_to
    """,
    "groups": "day.period_start, member.scope_type, member.scope_id",
    "types": "('department')",
}
# No revisions, no change detection: what a script would do.
_UPSERT = """
    WITH period AS (
        SELECT DISTINCT period_start AS start
          FROM kpi_calendar_day
         WHERE shape = %(shape)s
           AND grain = 'month'
           AND day >= %(first)s
           AND day < %(stop)s
    ),
    cell AS (
        SELECT day.period_start, {scope_type} AS scope_type, {scope_id} AS scope_id,
               ARRAY[{cells}] AS cells
          FROM {table} AS {alias}
          {joins}
          JOIN kpi_calendar_day AS day
            ON day.shape = %(shape)s
           AND day.grain = 'month'
           AND day.day = (({moment} AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)::date
          {scopes}
         WHERE {moment}
               >= ((%(first)s::timestamp AT TIME ZONE %(tz)s) AT TIME ZONE 'UTC')
           AND {moment}
               < ((%(stop)s::timestamp AT TIME ZONE %(tz)s) AT TIME ZONE 'UTC')
           AND ({alias}.company_id IS NULL OR {alias}.company_id = %(company)s)
      GROUP BY {groups}
    )
    INSERT INTO kpi_measurement AS fact
           (report_id, grain, period_start, value, weight, source, recorded_at)
    SELECT *
      FROM (
        SELECT report.id, 'month', period.start,
               COALESCE(cell.cells[slot.place], slot.empty_value) AS value,
               cell.cells[slot.weight_at] AS weight,
               'records', now() AT TIME ZONE 'UTC'
          FROM kpi_report AS report
          JOIN unnest(%(definitions)s::int[], %(weight_at)s::int[], %(empty)s::float8[])
               WITH ORDINALITY AS slot(definition_id, weight_at, empty_value, place)
            ON slot.definition_id = report.definition_id
    CROSS JOIN period
     LEFT JOIN cell
            ON cell.scope_type = report.scope_type
           AND cell.scope_id = report.scope_id
           AND cell.period_start = period.start
         WHERE report.scope_type IN {types}
      ORDER BY report.id, period.start
      ) AS wanted
     WHERE wanted.value IS NOT NULL
        ON CONFLICT (report_id, grain, period_start)
        DO UPDATE SET value = EXCLUDED.value, weight = EXCLUDED.weight,
                      recorded_at = EXCLUDED.recorded_at
     WHERE (fact.value, fact.weight) IS DISTINCT FROM (EXCLUDED.value, EXCLUDED.weight)
"""
