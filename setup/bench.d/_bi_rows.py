"""Fills a database with posted invoices of five years, two lines each.

A customer has ten of them on average, some many and many one, as customers do; products
lie in ten categories.
"""

from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

from odoo.fields import Command

from _rows import copied, insert

YEARS, CATEGORIES, INVOICES_OF_CUSTOMER = 5, 10, 10


def fill(env: Any, count: int) -> None:
    """Makes everything, in a database with kpi_bi_dashboard.

    :param count: invoices
    """
    original = _make_invoice(env)
    env.flush_all()
    values = {
        "company": env.company.id,
        "count": count,
        "customers": max(1, count // INVOICES_OF_CUSTOMER),
        "days": 365 * YEARS,
        "line": original.invoice_line_ids.id,
        "move": original.id,
        "partner": original.partner_id.id,
        "product": original.invoice_line_ids.product_id.id,
        "start": date.today() - relativedelta(years=YEARS),
    }
    for table, query in _TABLES.items():
        insert(env, table, query, **values)
    env.cr.execute("ANALYZE")
    env.invalidate_all()


def _make_invoice(env: Any) -> Any:
    """The one that all others are copied from."""
    categories = env["product.category"].create(
        [{"name": f"Category {number}"} for number in range(CATEGORIES)]
    )
    products = env["product.product"].create(
        [{"name": one.name, "categ_id": one.id} for one in categories]
    )
    partner = env["res.partner"].create({"name": "Customer", "is_company": True})
    line = {"product_id": products[0].id, "price_unit": 1, "tax_ids": [Command.clear()]}
    invoice = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": date.today(),
            "invoice_line_ids": [Command.create(line)],
        }
    )
    invoice.action_post()
    return invoice


# Copies have the number of their original plus their own.
_CUSTOMERS = "generate_series(1, %(customers)s) AS number"
# The square makes few customers buy often.
_INVOICES = """
    (SELECT number,
            %(start)s::date + (number * 7919::bigint %% %(days)s)::int AS day,
            1 + (power(number * 104729::bigint %% 100003 / 100003.0, 2)
                 * (%(customers)s - 1))::int AS customer,
            (10 + number * 31::bigint %% 990)::numeric AS amount
       FROM generate_series(1, %(count)s) AS number) AS invoice
"""
_TABLES = {
    "res_partner": copied(
        "res_partner",
        "partner",
        _CUSTOMERS,
        "'id', original.id + number, 'commercial_partner_id', original.id + number,"
        " 'name', 'Customer ' || number",
    ),
    "account_move": copied(
        "account_move",
        "move",
        _INVOICES,
        "'id', original.id + number, 'name', 'B/' || number, 'date', day,"
        " 'invoice_date', day, 'partner_id', %(partner)s + customer,"
        " 'commercial_partner_id', %(partner)s + customer,"
        " 'amount_untaxed_signed', 3 * amount",
    ),
    "account_move_line": copied(
        "account_move_line",
        "line",
        f"{_INVOICES} CROSS JOIN generate_series(1, 2) AS place",
        "'id', original.id + 2 * number + place, 'move_id', %(move)s + number,"
        " 'date', day, 'invoice_date', day, 'partner_id', %(partner)s + customer,"
        " 'balance', -place * amount, 'credit', place * amount,"
        f" 'product_id', %(product)s + (number + place) %% {CATEGORIES}",
    ),
}
