"""Quotations and orders: from won opportunities, and repeated by customers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from odoo import Command

from .customers import FIRST_MONTHS, UNPRICED_FACTOR, choose_customer
from .people import COMPANIES, UNPRICED, members
from .story import DIP, insert_copies

REPEATS = {  # team that takes repeat orders → per working day at the start, growth
    "de_inside": (1.05, 0.30),
    "us_east": (0.45, 0.60),
    "us_west": (0.25, 0.90),
}
REPEAT_VALUE = 2_600  # median, company currency
DISCOUNTS = (0, 2, 5, 8, 10, 12, 15)
CANCELLED_SHARE = 0.035
QUOTATION_DAYS = 30


@dataclass(frozen=True)
class Sale:
    """One order before it is a row."""

    team: str
    user: object
    customer: object
    lead: object
    created_at: datetime
    ordered_at: datetime
    value: float
    state: str


def create_orders(story):
    rng = story.rng("orders")
    sales = [
        *_orders_of_deals(story, rng),
        *_repeat_orders(story, rng),
        *_quotations(story, rng),
    ]
    sales.sort(key=lambda sale: sale.created_at)
    sequence = story.env["ir.sequence"].search([("code", "=", "sale.order")], limit=1)
    for company in COMPANIES:
        own = [sale for sale in sales if sale.customer.company == company]
        _write_orders(story, rng, company, own, sequence)


def _orders_of_deals(story, rng):
    for deal in story["deals"]:
        talks = deal.won_at - deal.lead.create_date
        created_at = deal.won_at - talks * rng.uniform(0.05, 0.4)
        yield Sale(
            deal.team,
            deal.user,
            deal.customer,
            deal.lead,
            created_at.replace(microsecond=0),
            deal.won_at,
            deal.revenue * rng.uniform(0.8, 1.1),
            "cancel" if rng.random() < CANCELLED_SHARE else "sale",
        )


def _repeat_orders(story, rng):
    for team, (per_day, growth) in REPEATS.items():
        tz = COMPANIES[team[:2]]["tz"]
        for day in story.timeline.events(rng, per_day, growth):
            created_at = story.timeline.moment(rng, day, tz)
            hours = rng.lognormvariate(1.8, 0.7) * (
                1.4 - 0.6 * story.timeline.progress(day)
            )
            ordered_at = story.timeline.hours_later(created_at, hours, tz)
            yield Sale(
                team,
                rng.choice(members(story, team, day)).user,
                choose_customer(story, rng, team[:2], day - FIRST_MONTHS),
                None,
                created_at,
                ordered_at or created_at,
                REPEAT_VALUE * rng.lognormvariate(0, 0.7),
                "sale" if ordered_at else "sent",
            )


def _quotations(story, rng):
    """Write quotations for opportunities that are still open."""
    customers = {
        customer.partner: customer
        for group in story["customers"].values()
        for customer in group
    }
    leads = story.env["crm.lead"].search(
        [
            ("stage_id", "=", story["open_stages"][-1].id),
            ("create_date", ">", story.timeline.now - timedelta(days=90)),
            ("partner_id", "in", [partner.id for partner in customers]),
        ],
        order="id",
    )
    teams = {story[f"team_{key}"]: key for key in ("de_field", "us_east", "us_west")}
    for lead in leads.filtered(lambda lead: lead.team_id in teams):
        age = story.timeline.now - lead.create_date
        created_at = lead.create_date + age * rng.uniform(0.3, 0.9)
        created_at = created_at.replace(microsecond=0)
        yield Sale(
            teams[lead.team_id],
            lead.user_id,
            customers[lead.partner_id],
            lead,
            created_at,
            created_at,
            lead.expected_revenue,
            rng.choice(("draft", "sent", "sent")),
        )


def _write_orders(story, rng, company, sales, sequence):
    pattern = story.env["sale.order"].create(
        {
            "name": "Pattern",
            "company_id": story[f"company_{company}"].id,
            "partner_id": story["customers"][company][0].partner.id,
            "order_line": [
                Command.create({"product_id": product.id})
                for product in story["products"]
            ],
        }
    )
    lines = [_lines(story, rng, sale) for sale in sales]
    order_ids = insert_copies(
        pattern,
        [
            _order_row(story, sale, sale_lines, sequence.next_by_id())
            for sale, sale_lines in zip(sales, lines, strict=True)
        ],
    )
    rows_by_product = {}
    for order_id, sale_lines in zip(order_ids, lines, strict=True):
        for product, _net, row in sale_lines:
            row["order_id"] = order_id
            rows_by_product.setdefault(product, []).append(row)
    for pattern_line in pattern.order_line:
        insert_copies(pattern_line, rows_by_product.get(pattern_line.product_id, []))
    pattern.unlink()


def _lines(story, rng, sale):
    """Products worth about the value of the sale, in the customer's currency.

    :return: of each its net amount, which is rounded on the order, and its row
    """
    products = rng.sample(list(story["products"]), rng.choice((1, 2, 2, 3, 4)))
    currency = _price_list(story, sale).currency_id
    is_unpriced = sale.customer.currency == UNPRICED
    factor = UNPRICED_FACTOR if is_unpriced else _currency_rate(story, sale)
    is_sold, lines = sale.state == "sale", []
    for number, product in enumerate(products):
        share = sale.value / len(products) * rng.uniform(0.7, 1.3)
        quantity = max(1, round(share / product.list_price))
        price = currency.round(product.list_price * factor)
        discount = _discount(story, rng, sale)
        net = price * (1 - discount / 100) * quantity
        subtotal = currency.round(net)
        row = {
            "sequence": 10 + number,
            "order_partner_id": sale.customer.partner.id,
            "salesman_id": sale.user.id,
            "currency_id": currency.id,
            "product_uom_qty": quantity,
            "price_unit": price,
            "technical_price_unit": price,
            "discount": discount,
            "price_subtotal": subtotal,
            "price_total": subtotal,
            "price_tax": 0.0,
            "price_reduce_taxexcl": subtotal / quantity,
            "price_reduce_taxinc": subtotal / quantity,
            "qty_to_invoice": quantity if is_sold else 0,
            "untaxed_amount_to_invoice": net if is_sold else 0.0,
            **_prepare_common_values(sale),
        }
        lines.append((product, net, row))
    return lines


def _currency_rate(story, sale):
    """Odoo's rate of the order's currency on its day; 1 where there is none."""
    company = story[f"company_{sale.customer.company}"]
    day = sale.ordered_at.date().replace(day=1)  # rates change monthly
    known = story.records.setdefault("order_rates", {})
    key = (company, sale.customer.currency, day)
    if key not in known:
        currency = _price_list(story, sale).currency_id
        known[key] = currency._get_conversion_rate(
            company.currency_id, currency, company, day
        )
    return known[key]


def _price_list(story, sale):
    customer = sale.customer
    return story[f"price_list_{customer.company}_{customer.currency.lower()}"]


def _discount(story, rng, sale):
    """Larger in the end than at first, and largest while supplies were short."""
    progress = story.timeline.progress(sale.ordered_at.date())
    lean = 0.4 + 0.5 * progress + (0.5 if DIP[0] <= progress < DIP[1] else 0)
    weights = [8, *(lean ** (4 - min(n, 4)) * 3 for n in range(1, len(DISCOUNTS)))]
    return rng.choices(DISCOUNTS, weights)[0]


def _order_row(story, sale, lines, name):
    price_list = _price_list(story, sale)
    # As Odoo does by default: the lines are summed first, rounded once.
    total = price_list.currency_id.round(sum(net for _product, net, _row in lines))
    partner = sale.customer.partner
    return {
        "name": name,
        "partner_id": partner.id,
        "partner_invoice_id": partner.id,
        "partner_shipping_id": partner.id,
        "pricelist_id": price_list.id,
        "currency_id": price_list.currency_id.id,
        "currency_rate": _currency_rate(story, sale),
        "user_id": sale.user.id,
        "team_id": story[f"team_{sale.team}"].id,
        "source_id": sale.lead.source_id.id if sale.lead else None,
        "opportunity_id": sale.lead.id if sale.lead else None,
        "date_order": sale.ordered_at,
        "validity_date": sale.created_at.date() + timedelta(days=QUOTATION_DAYS),
        "amount_untaxed": total,
        "amount_tax": 0.0,
        "amount_total": total,
        **_prepare_common_values(sale),
    }


def _prepare_common_values(sale):
    """Columns of an order and of its lines."""
    return {
        "state": sale.state,
        "invoice_status": "to invoice" if sale.state == "sale" else "no",
        "create_uid": sale.user.id,
        "create_date": sale.created_at,
        "write_uid": sale.user.id,
        "write_date": max(sale.created_at, sale.ordered_at),
    }
