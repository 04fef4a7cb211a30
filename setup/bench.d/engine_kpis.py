"""The KPIs of the engine's benchmark: 200 definitions on two sources, said twice.

Once as definitions, once as the filters and aggregates that a developer would write by
hand, so that both sides can be compared and timed.
"""

from dataclasses import dataclass
from typing import Any

MEASURES = ["count"] * 30 + ["sum"] * 30 + ["average"] * 15 + ["distinct"] * 10
MEASURES += ["min", "max"] * 8
MEASURES = MEASURES[:100]
CONVERTED = 20  # sums of orders in the company's currency
AGGREGATES = {
    "count": "count(*)",
    "distinct": "count(DISTINCT {operand})",
    "sum": "sum({operand})",
    "average": "avg({operand})",
    "min": "min({operand})",
    "max": "max({operand})",
}


@dataclass(frozen=True)
class HandWritten:
    """One KPI as a developer writes it: an aggregate, its weight, its filter."""

    aggregate: str
    weight: str | None
    filter: str
    is_zero_when_empty: bool


@dataclass(frozen=True)
class Source:
    """A table with its KPIs.

    :ivar joins: what the hand-written filters and operands need
    """

    model: str
    table: str
    date_field: str
    joins: str
    kpis: list[tuple[dict[str, Any], HandWritten]]


def lead_source(env: Any) -> Source:
    mediums = env["utm.medium"].search([], limit=10).ids
    countries = env["res.partner"].search([("name", "=like", "Customer %")]).country_id
    own = [
        (f"[('medium_id', '=', {medium})]", f"lead.medium_id = {medium}")
        for medium in mediums
    ] + [
        (f"[('priority', '=', '{p}')]", f"lead.priority = '{p}'") for p in (0, 1, 2, 3)
    ]
    crossing = [("[('stage_id.is_won', '=', True)]", "stage.is_won")]
    crossing += [
        (
            f"[('partner_id.country_id', '=', {country})]",
            f"partner.country_id = {country}",
        )
        for country in countries.ids
    ]
    joins = """
        LEFT JOIN crm_stage AS stage ON stage.id = lead.stage_id
        LEFT JOIN res_partner AS partner ON partner.id = lead.partner_id
    """
    kpis = _kpis("lead", own, crossing, "expected_revenue", active=True)
    return Source("crm.lead", "crm_lead AS lead", "create_date", joins, kpis)


def order_source(env: Any) -> Source:
    mediums = env["utm.medium"].search([], limit=10).ids
    countries = env["res.partner"].search([("name", "=like", "Customer %")]).country_id
    own = [
        (f"[('medium_id', '=', {medium})]", f"sale.medium_id = {medium}")
        for medium in mediums
    ] + [
        (f"[('state', '=', '{state}')]", f"sale.state = '{state}'")
        for state in ("sale", "draft", "cancel")
    ]
    crossing = [
        (
            f"[('partner_id.country_id', '=', {country})]",
            f"partner.country_id = {country}",
        )
        for country in countries.ids
    ]
    company, currency = env.company.id, env.company.currency_id.id
    joins = f"""
        LEFT JOIN res_partner AS partner ON partner.id = sale.partner_id
        LEFT JOIN kpi_currency_rate AS rate
               ON rate.company_id = {company}
              AND rate.currency_id = sale.currency_id
              AND rate.day
                  = ((sale.date_order AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)::date
    """
    kpis = _kpis("sale", own, crossing, "amount_total", currency=currency)
    return Source("sale.order", "sale_order AS sale", "date_order", joins, kpis)


def _kpis(alias, own, crossing, amount, *, active=False, currency=None):
    kpis = []
    for number, measure in enumerate(MEASURES):
        conditions = crossing if number % 2 else own
        domain, condition = conditions[number // 2 % len(conditions)]
        if active:
            condition = f"({condition}) AND {alias}.active"
        is_converted = (
            bool(currency)
            and measure == "sum"
            and (MEASURES[:number].count("sum") < CONVERTED)
        )
        column = f"{alias}.partner_id" if measure == "distinct" else f"{alias}.{amount}"
        operand = column
        if is_converted:
            operand = (
                f"CASE WHEN {alias}.currency_id = {currency} THEN {column}"
                f" ELSE {column} / rate.rate END"
            )
        definition = {
            "name": f"{alias} {number} {measure}",
            "code": f"{alias}_{number}_{measure}",
            "computation": "records",
            "measure": measure,
            "domain": domain,
            "unit": "currency" if is_converted else "number",
        }
        if measure != "count":
            definition["measure_field"] = column.split(".")[1]
        hand_written = HandWritten(
            AGGREGATES[measure].format(operand=operand),
            f"count({operand})" if measure == "average" else None,
            condition,
            measure in ("count", "distinct", "sum"),
        )
        kpis.append((definition, hand_written))
    return kpis
