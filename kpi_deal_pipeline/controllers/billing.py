from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import read_page, row

from ..schemas.billing import BillingIn, BillingOut, BillingQuery, BillingsQuery
from .deal import ONE as DEAL
from .deal import READ, WRITE, find_deal

MODEL = "kpi.deal.billing"
PATH = f"{DEAL}/billings"
EXAMPLE = {
    "billing_type": "invoice",
    "date": "2026-05-31",
    "amount_untaxed": "12500.00",
    "reference": "INV/2026/00042",
}


class BillingApi(http.Controller):
    """Invoices, payments and refunds of the customers of deals."""

    @route(PATH, scope=READ, summary="Billings of a deal", query=BillingsQuery)
    def list_billings(self, deal_id, query):
        return read_page(MODEL, query, [("deal_id", "=", find_deal(deal_id).id)])

    @route(
        PATH,
        methods=["POST"],
        scope=WRITE,
        summary="Enter an invoice, payment or refund",
        body=BillingIn,
        response=BillingOut,
        status=201,
        example=EXAMPLE,
    )
    def create_billing(self, deal_id, body):
        """The commissions that depend on it are computed anew."""
        billing = request.env[MODEL]._create_by_program(
            find_deal(deal_id), body.model_dump(exclude_none=True)
        )
        return row(billing, BillingQuery())
