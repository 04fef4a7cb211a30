from odoo import http

from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.schemas.base import Day, Filter

from ..schemas import billing as schemas
from .deal import DEALS

BILLINGS = Resource(
    "kpi.deal.billing", f"{DEALS.one}/billings", schemas.BillingOut, scope="deals"
)


class BillingApi(http.Controller):
    """Invoices, payments and refunds of the customers of deals."""

    @BILLINGS.list(
        "Billings of a deal",
        "billing_type reference",
        sortable="date",
        first=Filter("date", ">=", Day),
        last=Filter("date", "<=", Day),
    )
    def list_billings(self, deal_id, query):
        return [("deal_id", "=", DEALS.find(deal_id).id)]

    @BILLINGS.create(
        "Enter an invoice, payment or refund",
        schemas.BillingIn,
        example={
            "billing_type": "invoice",
            "date": "2026-05-31",
            "amount_untaxed": "12500.00",
            "reference": "INV/2026/00042",
        },
    )
    def create_billing(self, billings, deal_id, body):
        """The commissions that depend on it are computed anew."""
        values = body.model_dump(exclude_none=True)
        return billings._create_by_program(DEALS.find(deal_id), values)
