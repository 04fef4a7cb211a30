"""KPIs computed from the others."""

from .kpi import SALES, SALES_TREE, WORK_TREE, Kpi

# By month that is twelve periods ago, by quarter four.
YEAR_BEFORE = "if_(days_in_period() < 32, prev(order_value, 12), prev(order_value, 4))"

FORMULA_KPIS = (
    Kpi(
        "average_order",
        "Average Order Value",
        "Sales",
        "Order value divided by the number of orders.",
        {"formula": "order_value / order_count", "unit": "currency"},
        departments=SALES_TREE,
        teams=SALES,
        ambition=0.08,
    ),
    Kpi(
        "order_growth",
        "Order Growth",
        "Finance",
        "Change of order value against the same month or quarter last year.",
        {
            "formula": f"100 * (order_value / {YEAR_BEFORE} - 1)",
            "unit": "percent",
            "decimals": 1,
            "coarsest_grain": "quarter",  # years are not complete yet
        },
        departments=("de_sales", "us_sales"),
        ambition=None,
        tags=("Board",),
    ),
    Kpi(
        "order_value_ytd",
        "Order Value, Year to Date",
        "Finance",
        "Order value since the year began.",
        {"formula": "ytd(order_value)", "unit": "currency"},
        ambition=None,
    ),
    Kpi(
        "order_trend",
        "Order Value, 3-Month Average",
        "Finance",
        "Average of the last three months, which smooths out single large orders.",
        {"formula": "rolling(order_value, 3)", "unit": "currency"},
        teams=SALES,
        ambition=None,
    ),
    Kpi(
        "cost_per_opportunity",
        "Cost per Opportunity",
        "Marketing",
        "Marketing spend divided by the new opportunities.",
        {
            "formula": "marketing_spend / new_opportunities",
            "unit": "currency",
            "direction": "lower",
        },
        ambition=0.1,
    ),
    Kpi(
        "price_realisation",
        "Price Realisation",
        "Finance",
        "Share of the list price that customers pay, euro orders only.",
        {
            "formula": "100 * net_value_eur / list_value_eur",
            "unit": "percent",
            "decimals": 1,
        },
        companies=("de",),
        teams=("de_field", "de_inside"),
        ambition=0.01,
    ),
    Kpi(
        "order_target_reached",
        "Order Target Reached",
        "Finance",
        "Order value in percent of its target. No value before the first target.",
        {"formula": "100 * order_value / target(order_value)", "unit": "percent"},
        teams=SALES,
        ambition=None,
    ),
    Kpi(
        "backlog_months",
        "Backlog",
        "Delivery",
        "Months the open tasks would take at the pace of the last three months.",
        {
            "formula": "open_tasks / rolling(tasks_done, 3)",
            "unit": "custom",
            "unit_symbol": "months",
            "decimals": 2,
            "direction": "lower",
        },
        departments=WORK_TREE,
        ambition=0.1,
    ),
)
