"""KPIs on opportunities."""

from .kpi import SALES, SALES_TREE, Kpi

CLOSED = "[('active', 'in', [True, False]), ('won_status', 'in', ['won', 'lost'])]"
WON = "[('won_status', '=', 'won')]"
LOST = "[('active', 'in', [True, False]), ('won_status', '=', 'lost')]"
EVER_OPEN = "[('active', 'in', [True, False])]"


def leads(date_field, domain, **values):
    return {
        "computation": "records",
        "model_name": "crm.lead",
        "date_field": date_field,
        "domain": domain,
        **values,
    }


SALES_KPIS = (
    Kpi(
        "new_opportunities",
        "New Opportunities",
        "Marketing",
        "Opportunities created in the period.",
        leads("create_date", EVER_OPEN),
        breakdowns=("source_id", "team_id"),
        departments=SALES_TREE,
        teams=SALES,
    ),
    Kpi(
        "won_deals",
        "Won Opportunities",
        "Sales",
        "Opportunities won, counted on the day they were won.",
        leads("date_closed", WON),
        departments=SALES_TREE,
        teams=SALES,
        people=SALES,
    ),
    Kpi(
        "lost_deals",
        "Lost Opportunities",
        "Sales",
        "Opportunities lost, by reason.",
        leads("date_closed", LOST, direction="lower"),
        breakdowns=("lost_reason_id", "team_id"),
        departments=("de_sales", "us_sales"),
        teams=SALES,
        ambition=0.05,
    ),
    Kpi(
        "win_rate",
        "Win Rate",
        "Sales",
        "Share of the opportunities closed in the period that were won.",
        leads(
            "date_closed",
            CLOSED,
            measure="share",
            numerator_domain=WON,
            unit="percent",
            decimals=1,
        ),
        departments=SALES_TREE,
        teams=SALES,
        people=SALES,
        ambition=0.06,
        tags=("Board",),
    ),
    Kpi(
        "lost_to_shortage",
        "Lost Due to Delivery Time",
        "Sales",
        "Share of the lost opportunities that were lost because of delivery time.",
        leads(
            "date_closed",
            LOST,
            measure="share",
            numerator_domain="[('lost_reason_id.name', '=', 'Delivery time too long')]",
            unit="percent",
            decimals=1,
            direction="lower",
        ),
        ambition=0.15,
    ),
    Kpi(
        "sales_cycle",
        "Sales Cycle",
        "Sales",
        "Median number of days from the opportunity to the order, around the clock.",
        leads(
            "date_closed",
            WON,
            measure="median",
            operand="duration",
            duration_from_field="create_date",
            duration_to_field="date_closed",
            unit="duration",
            decimals=1,
            direction="lower",
        ),
        departments=("de_sales", "us_sales"),
        teams=SALES,
        ambition=0.08,
    ),
    Kpi(
        "largest_deal",
        "Largest Deal Won",
        "Sales",
        "The largest expected revenue among the opportunities won.",
        leads(
            "date_closed",
            WON,
            measure="max",
            measure_field="expected_revenue",
            unit="currency",
        ),
        ambition=None,
    ),
    Kpi(
        "open_pipeline",
        "Open Pipeline",
        "Sales",
        "Expected revenue of the opportunities open at the end of the period.",
        leads(
            "create_date",
            EVER_OPEN,
            kind="stock",
            date_to_field="date_closed",
            measure="sum",
            measure_field="expected_revenue",
            unit="currency",
        ),
        departments=("de_sales", "us_sales"),
        teams=SALES,
        tags=("Board",),
    ),
    Kpi(
        "weighted_pipeline",
        "Weighted Pipeline",
        "Sales",
        "Expected revenue × probability at the end of the month.",
        leads(
            "create_date",
            "[('won_status', '=', 'pending')]",
            kind="snapshot",
            measure="sum",
            measure_field="prorated_revenue",
            unit="currency",
        ),
        ambition=None,
    ),
)
