"""KPIs on orders and their lines."""

from .kpi import SALES, SALES_TREE, Kpi

ORDERED = "[('state', '=', 'sale')]"
ORDERED_EUR = "[('state', '=', 'sale'), ('currency_id.name', '=', 'EUR')]"


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
        "date_field": "order_id.date_order",
        "user_field": "salesman_id",
        "team_field": "order_id.team_id",
        **values,
    }


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
        "Quantity × list price of lines ordered in euro, before discounts, by "
        "order date.",
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
        "Value of lines ordered in euro after discounts, by order date.",
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
        "Average discount on ordered lines, weighted by quantity. Best within "
        "its target range.",
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
