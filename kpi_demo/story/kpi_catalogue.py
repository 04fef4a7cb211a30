"""The KPIs of Nordwind Components, as data: what is measured and for whom."""

from dataclasses import dataclass, field

SALES = ("de_field", "de_inside", "us_east", "us_west")
SALES_TREE = (
    "de_commercial", "de_sales", "de_field", "de_inside",
    "us_commercial", "us_sales", "us_east", "us_west",
)  # fmt: skip
WORK_TREE = (
    "de_operations", "de_delivery", "de_projects", "de_install", "de_support",
    "us_operations", "us_delivery", "us_support",
)  # fmt: skip
DESKS = ("de_support", "us_support")
COMPANIES = ("de", "us")

CLOSED = "[('active', 'in', [True, False]), ('won_status', 'in', ['won', 'lost'])]"
WON = "[('won_status', '=', 'won')]"
LOST = "[('active', 'in', [True, False]), ('won_status', '=', 'lost')]"
EVER_OPEN = "[('active', 'in', [True, False])]"
ORDERED = "[('state', '=', 'sale')]"
ORDERED_EUR = "[('state', '=', 'sale'), ('currency_id.name', '=', 'EUR')]"
DONE = "[('project_id', '!=', False), ('state', '=', '1_done')]"
NOT_CANCELLED = "[('project_id', '!=', False), ('state', '!=', '1_canceled')]"
TICKETS = "[('project_id.name', '=like', 'Support Desk%')]"
SOLVED = "[('project_id.name', '=like', 'Support Desk%'), ('state', '=', '1_done')]"
OVERDUE = (
    "[('project_id', '!=', False), ('date_end', '=', False),"
    " ('date_deadline', '<', 'today')]"
)


@dataclass(frozen=True)
class Kpi:
    """A definition and the scopes it is tracked for.

    :param values: values of the definition
    :param breakdowns: fields by which it is split
    :param companies, departments, teams: keys of those it is tracked for
    :param people: keys of departments whose people it is tracked for
    :param ambition: how much better than before the targets are, 0.1 = 10 %; None =
        no target
    :param goal: lowest and highest good value, where a range is best
    :param working_hours: key of the company whose working hours count
    """

    code: str
    name: str
    category: str
    description: str
    values: dict
    breakdowns: tuple[str, ...] = ()
    companies: tuple[str, ...] = COMPANIES
    departments: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    ambition: float | None = 0.1
    goal: tuple[float, float] | None = None
    working_hours: str | None = None
    tags: tuple[str, ...] = field(default=())


def leads(date_field, domain, **values):
    return {
        "computation": "records",
        "model_name": "crm.lead",
        "date_field": date_field,
        "domain": domain,
        **values,
    }


def orders(**values):
    return {
        "computation": "records",
        "model_name": "sale.order",
        "date_field": "date_order",
        "domain": ORDERED,
        **values,
    }


def order_lines(**values):
    return {
        "computation": "records",
        "model_name": "sale.order.line",
        "date_field": "create_date",
        "user_field": "salesman_id",
        "team_field": "order_id.team_id",
        **values,
    }


def tasks(date_field, domain, **values):
    return {
        "computation": "records",
        "model_name": "project.task",
        "date_field": date_field,
        "domain": domain,
        **values,
    }


def entered(**values):
    return {"computation": "manual", **values}


SALES_KPIS = (
    Kpi(
        "new_opportunities",
        "New Opportunities",
        "Marketing",
        "Opportunities that came in.",
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
        "Lost for Delivery Time",
        "Sales",
        "Share of the lost opportunities that were lost because we deliver too late.",
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
        "Expected revenue times probability, as it stands when the month closes.",
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
ORDER_KPIS = (
    Kpi(
        "order_value",
        "Order Value",
        "Sales",
        "Confirmed orders without taxes, in euro at the rate of the order's day.",
        orders(measure="sum", measure_field="amount_untaxed", unit="currency"),
        breakdowns=("team_id", "partner_id.country_id", "currency_id"),
        departments=SALES_TREE,
        teams=SALES,
        people=SALES,
        ambition=0.12,
        tags=("Board",),
    ),
    Kpi(
        "order_count",
        "Orders",
        "Sales",
        "Number of confirmed orders.",
        orders(),
        departments=SALES_TREE,
        teams=SALES,
    ),
    Kpi(
        "ordering_customers",
        "Ordering Customers",
        "Sales",
        "Different customers that ordered: a customer counts once, however long the"
        " period.",
        orders(measure="distinct", measure_field="partner_id"),
        teams=SALES,
        ambition=0.05,
    ),
    Kpi(
        "quotation_hours",
        "Quotation to Order",
        "Sales",
        "Working hours from the quotation to its confirmation, repeat orders only.",
        orders(
            domain="[('state', '=', 'sale'), ('source_id', '=', False),"
            " ('team_id.name', '=', 'Inside Sales EMEA')]",
            measure="average",
            operand="duration",
            duration_from_field="create_date",
            duration_to_field="date_order",
            duration_unit="hour",
            unit="duration",
            decimals=1,
            direction="lower",
        ),
        companies=("de",),
        departments=("de_inside",),
        working_hours="de",
    ),
    Kpi(
        "weekly_bookings_usd",
        "Weekly Bookings Americas",
        "Sales",
        "Confirmed orders of the American company, in US dollars and Boston weeks.",
        orders(
            measure="sum",
            measure_field="amount_untaxed",
            unit="currency",
            frequency="week",
        ),
        companies=("us",),
        teams=("us_east", "us_west"),
        tags=("Weekly Meeting",),
    ),
    Kpi(
        "list_value_eur",
        "List Value of Euro Orders",
        "Finance",
        "Quantity times list price of the lines ordered in euro, before discounts, by"
        " the day of the quotation.",
        order_lines(
            domain=ORDERED_EUR,
            measure="sum",
            operand="product",
            measure_field="price_unit",
            factor_field="product_uom_qty",
            unit="currency",
        ),
        companies=("de",),
        teams=("de_field", "de_inside"),
        ambition=None,
    ),
    Kpi(
        "net_value_eur",
        "Net Value of Euro Orders",
        "Finance",
        "Lines ordered in euro after discounts, by the day of the quotation.",
        order_lines(
            domain=ORDERED_EUR,
            measure="sum",
            measure_field="price_subtotal",
            unit="currency",
        ),
        companies=("de",),
        teams=("de_field", "de_inside"),
        ambition=None,
    ),
    Kpi(
        "average_discount",
        "Average Discount",
        "Finance",
        "Discount of the ordered lines, weighted by quantity: neither too little nor"
        " too much.",
        order_lines(
            domain=ORDERED,
            measure="weighted_average",
            measure_field="discount",
            weight_field="product_uom_qty",
            unit="percent",
            decimals=1,
            direction="range",
        ),
        teams=SALES,
        goal=(5.0, 7.0),
    ),
)
WORK_KPIS = (
    Kpi(
        "tickets_opened",
        "Tickets per Day",
        "Support",
        "Tickets opened at the support desks, day by day.",
        tasks("create_date", TICKETS, frequency="day", direction="lower"),
        departments=DESKS,
        ambition=None,
    ),
    Kpi(
        "tasks_done",
        "Tasks Done",
        "Delivery",
        "Tasks and tickets finished; one done by two people counts for both, and once"
        " for their department.",
        tasks("date_end", DONE),
        breakdowns=("tag_ids", "project_id"),
        departments=WORK_TREE,
        teams=("squad",),
        people=("de_projects", "de_install", *DESKS, "us_delivery"),
    ),
    Kpi(
        "first_time_right",
        "First Time Right",
        "Delivery",
        "Share of the finished tasks that needed no rework.",
        tasks(
            "date_end",
            DONE,
            measure="share",
            numerator_domain="['!', ('tag_ids.name', '=', 'Rework')]",
            unit="percent",
            decimals=1,
        ),
        departments=WORK_TREE,
        teams=("squad",),
        ambition=0.02,
        tags=("Board",),
    ),
    Kpi(
        "ticket_hours",
        "Time to Solve",
        "Support",
        "Working hours from the opening of a ticket to its solution, on average.",
        tasks(
            "date_end",
            SOLVED,
            measure="average",
            operand="duration",
            duration_from_field="create_date",
            duration_to_field="date_end",
            duration_unit="hour",
            unit="duration",
            decimals=1,
            direction="lower",
        ),
        companies=("de",),
        departments=("de_support",),
        people=("de_support",),
        working_hours="de",
        tags=("Weekly Meeting",),
    ),
    Kpi(
        "ticket_hours_p90",
        "Time to Solve, 9 of 10",
        "Support",
        "Within how many hours nine of ten tickets are solved, around the clock.",
        tasks(
            "date_end",
            SOLVED,
            measure="percentile",
            percentile=90.0,
            operand="duration",
            duration_from_field="create_date",
            duration_to_field="date_end",
            duration_unit="hour",
            unit="duration",
            direction="lower",
        ),
        departments=DESKS,
        ambition=0.15,
    ),
    Kpi(
        "open_tasks",
        "Open Tasks",
        "Delivery",
        "Tasks and tickets open at the end of the period.",
        tasks(
            "create_date",
            NOT_CANCELLED,
            kind="stock",
            date_to_field="date_end",
            direction="lower",
        ),
        departments=WORK_TREE,
    ),
    Kpi(
        "overdue_tasks",
        "Overdue Tasks",
        "Delivery",
        "Open tasks past their deadline, as it is when the week closes.",
        tasks(
            "create_date", OVERDUE, kind="snapshot", frequency="week", direction="lower"
        ),
        departments=WORK_TREE,
        ambition=None,
    ),
)
ENTERED_KPIS = (
    Kpi(
        "customer_satisfaction",
        "Customer Satisfaction",
        "Support",
        "Mean answer of the monthly survey, from 1 to 10.",
        entered(unit="score", decimals=1),
        departments=DESKS,
        ambition=0.04,
        tags=("Board",),
    ),
    Kpi(
        "sick_leave_rate",
        "Sick Leave Rate",
        "People",
        "Share of the working days lost to illness.",
        entered(unit="percent", decimals=1, direction="lower"),
        ambition=0.1,
    ),
    Kpi(
        "employee_pulse",
        "Employee Pulse",
        "People",
        "Answer to “I would recommend us as an employer”, from 1 to 5, each quarter.",
        entered(unit="score", decimals=1, frequency="quarter"),
        ambition=0.05,
    ),
    Kpi(
        "marketing_spend",
        "Marketing Spend",
        "Marketing",
        "Cost of campaigns and fairs, in euro.",
        entered(unit="currency", direction="lower"),
        ambition=None,
    ),
    Kpi(
        "utilisation",
        "Utilisation",
        "Delivery",
        "Share of the working time spent on customers' projects: too much of it leaves"
        " no time to learn.",
        entered(unit="percent", decimals=1, direction="range"),
        companies=(),
        departments=("de_delivery", "us_delivery"),
        goal=(72.0, 85.0),
    ),
    Kpi(
        "safety_walk",
        "Safety Walk Done",
        "Delivery",
        "Whether the monthly safety walk took place.",
        entered(unit="boolean"),
        companies=(),
        departments=("de_install",),
        ambition=None,
    ),
    Kpi(
        "website_visits",
        "Website Visits",
        "Marketing",
        "Handed over by the website's statistics.",
        {"computation": "external"},
        ambition=0.1,
    ),
)
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
        "Order value compared with the same month of the year before.",
        {
            "formula": "100 * (order_value / prev(order_value, 12) - 1)",
            "unit": "percent",
            "decimals": 1,
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
        "Order Value, Three-Month Mean",
        "Finance",
        "Mean of the last three months: what remains when single orders are smoothed"
        " away.",
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
        "Order value in percent of its target; missing before there was one.",
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
CATALOGUE = (*SALES_KPIS, *ORDER_KPIS, *WORK_KPIS, *ENTERED_KPIS)
