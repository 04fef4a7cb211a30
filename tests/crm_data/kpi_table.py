"""The KPIs a sales manager would define on the opportunities."""

WON = [("won_status", "=", "won")]
# lost opportunities are archived: filters that mean them say so
EVERY = ("active", "in", [True, False])
LOST = [EVERY, ("won_status", "=", "lost")]
CLOSED = [EVERY, ("won_status", "in", ["won", "lost"])]
SCOPES = ("user", "team", "department", "company")

FLOW = {"date_field": "date_closed"}
STOCK = {"kind": "stock", "date_field": "date_open", "date_to_field": "date_closed"}
AMOUNT = {"unit": "currency", "measure_field": "expected_revenue"}
CYCLE = {
    "unit": "duration",
    "duration_unit": "day",
    "operand": "duration",
    "duration_from_field": "date_open",
    "duration_to_field": "date_closed",
}
SECTOR = [("partner_id.industry_id.name", "=", "technolgy")]

RECORDS = {
    "won_value": {
        **FLOW,
        **AMOUNT,
        "measure": "sum",
        "domain": [("stage_id.is_won", "=", True)],
    },
    "won_technology": {**FLOW, **AMOUNT, "measure": "sum", "domain": [*WON, *SECTOR]},
    "won_count": {**FLOW, "domain": WON},
    "lost_count": {**FLOW, "domain": LOST},
    "closed_count": {**FLOW, "domain": CLOSED},
    "win_rate_share": {
        **FLOW,
        "unit": "percent",
        "measure": "share",
        "domain": CLOSED,
        "numerator_domain": WON,
    },
    "cycle_days": {**FLOW, **CYCLE, "measure": "average", "domain": WON},
    "cycle_days_closed": {**FLOW, **CYCLE, "measure": "average", "domain": CLOSED},
    "cycle_days_median": {**FLOW, **CYCLE, "measure": "median", "domain": WON},
    "average_deal_mean": {**FLOW, **AMOUNT, "measure": "average", "domain": WON},
    "pipeline_count": {**STOCK, "domain": [EVERY]},
    "pipeline_value": {
        **STOCK,
        "unit": "currency",
        "measure": "sum",
        "measure_field": "x_product_id.x_list_price",
        "domain": [EVERY],
    },
    "pipeline_no_account": {**STOCK, "domain": [EVERY, ("partner_id", "=", False)]},
    "pipeline_unknown_product": {
        **STOCK,
        "domain": [EVERY, ("x_product_id", "=", False)],
    },
    "agent_won": {**FLOW, "domain": WON, "scopes": ("user",)},
    "agent_closed": {**FLOW, "domain": CLOSED, "scopes": ("user",)},
    # without an opening date an opportunity is in no stock: it is looked at as it is
    "no_account_now": {
        "kind": "snapshot",
        "domain": [("won_status", "=", "pending"), ("partner_id", "=", False)],
        "scopes": ("company",),
    },
}

FORMULAS = {
    "win_rate": {
        "unit": "percent",
        "formula": "100 * won_count / (won_count + lost_count)",
    },
    "average_deal": {"unit": "currency", "formula": "won_value / won_count"},
    "won_growth": {"unit": "currency", "formula": "won_value - prev(won_value)"},
    "won_ytd": {"unit": "currency", "formula": "ytd(won_value)"},
    "pipeline_cover": {"formula": "pipeline_value / won_value"},
    # its parts have values for agents only: departments are made up of their people
    "win_rate_below": {
        "unit": "percent",
        "formula": "100 * agent_won / agent_closed",
        "scopes": ("department", "company"),
    },
}


def create_definitions(env, **common):
    """The ``kpi.definition`` of each entry, by code, and the scopes it is tracked for.

    :param common: values that all of them have
    :return: dict code → (definition, scope types)
    """
    created = {}
    for computation, table in (("records", RECORDS), ("formula", FORMULAS)):
        for code, entry in table.items():
            values = {
                "name": code.replace("_", " ").capitalize(),
                "code": code,
                "computation": computation,
                **common,
                **{key: entry[key] for key in entry.keys() - {"scopes"}},
            }
            if computation == "records":
                values["model_name"] = "crm.lead"
            for name in ("domain", "numerator_domain"):
                if name in values:
                    values[name] = repr(values[name])
            definition = env["kpi.definition"].create(values)
            created[code] = (definition, entry.get("scopes", SCOPES))
    return created
