"""Two hundred KPIs over the leads and sale orders of :mod:`rows`.

60 counts, 60 sums (20 of them converted from the orders' currencies), 30 averages, 20
numbers of different values, 30 lowest and highest. Half of them cross a relation, in the
filter or in what they measure. No two are the same.
"""

from collections.abc import Callable, Iterator

LEAD, ORDER = "crm.lead", "sale.order"
DATE_FIELD = {LEAD: "create_date", ORDER: "date_order"}
Domain = list[tuple]

# what a filter says about the record itself, for the n-th KPI
PLAIN: dict[str, tuple[Callable[[int], Domain], ...]] = {
    LEAD: (
        lambda n: [("priority", "=", str(n % 4)), ("probability", ">", n % 50)],
        lambda n: [("won_status", "=", "lost"), ("expected_revenue", "<", 900 * n)],
        lambda n: [("type", "=", "opportunity"), ("expected_revenue", ">", 100 + n)],
    ),
    ORDER: (
        lambda n: [("state", "=", "sale"), ("amount_total", ">", 100 + n)],
        lambda n: [("state", "=", "draft"), ("amount_untaxed", "<", 900 * n)],
        lambda n: [("invoice_status", "=", "to invoice"), ("amount_total", ">", 9 * n)],
    ),
}
# and about records it is related to
CROSSING: dict[str, tuple[Callable[[int], Domain], ...]] = {
    LEAD: (
        lambda n: [("stage_id.is_won", "=", True), ("probability", ">", n % 50)],
        lambda n: [("partner_id.country_id.code", "<", "BZ"), ("day_open", "<", n)],
        lambda n: [("tag_ids.name", "=", f"Tag {n % 10}"), ("day_open", ">", n % 7)],
    ),
    ORDER: (
        lambda n: [("opportunity_id.stage_id.is_won", "=", True), *_above(n)],
        lambda n: [("partner_id.country_id.code", "<", "BZ"), *_above(n)],
        lambda n: [("team_id.name", "like", f"Team {n % 10}"), *_above(n)],
    ),
}


def _above(n: int) -> Domain:
    return [("state", "=", "sale"), ("amount_untaxed", ">", 10 * n)]


AMOUNTS = {
    LEAD: ("expected_revenue", "prorated_revenue"),
    ORDER: ("amount_total", "amount_untaxed", "amount_tax"),
}
VALUES = {
    LEAD: ("partner_id", "user_id", "source_id"),
    ORDER: ("partner_id", "user_id", "opportunity_id"),
}
VALUES_ACROSS = {
    LEAD: ("partner_id.country_id", "stage_id.sequence"),
    ORDER: ("partner_id.country_id", "opportunity_id.source_id"),
}


def definition_values() -> Iterator[dict]:
    """Values to create each ``kpi.definition`` with."""
    for n in range(200):
        yield _values(n, *_measured(n))


def _measured(n: int) -> tuple[str, str]:
    """Measure and model of the n-th KPI."""
    both = LEAD if n % 4 < 2 else ORDER  # so that each crosses in half of its cases
    if n < 60:
        return "count", both
    if n < 120:
        return "sum", ORDER if n < 80 else LEAD
    if n < 150:
        return "average", both
    if n < 170:
        return "distinct", both
    return ("min" if n < 185 else "max"), both


def _values(n: int, measure: str, model: str) -> dict:
    crosses = n % 2
    across = measure == "distinct" and crosses
    filters = (CROSSING if crosses and not across else PLAIN)[model]
    values = {
        "name": f"KPI {n}: {measure} of {model}",
        "code": f"bench_{n}",
        "computation": "records",
        "frequency": "month",
        "model_name": model,
        "kind": "flow",
        "date_field": DATE_FIELD[model],
        "domain": repr(filters[n // 4 % len(filters)](n)),
        "measure": measure,
    }
    if measure != "count":
        fields = (VALUES_ACROSS if across else VALUES) if measure == "distinct" else AMOUNTS
        values["measure_field"] = fields[model][n // 4 % len(fields[model])]
    if measure == "sum" and model == ORDER:
        values["unit"] = "currency"
    return values
