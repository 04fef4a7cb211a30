from odoo import http

from odoo.addons.kpi_base.controllers.prefix import RestPrefix
from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.schemas.base import Day, Filter

from ..schemas import deal as schemas

DEALS = Resource("/api/v1/deals/<uuid:deal_id>", schemas.DealOut, scope="deals")


class DealsApi(RestPrefix, http.Controller, prefix="/api/v1", title="Deals API"):
    """The family of paths of deals and commissions."""


class DealApi(http.Controller):
    """Deals, their stages and what happened to them."""

    list_deals = DEALS.list(
        "Deals",
        "agent_id status property_id project_id asset_type external_ref",
        sortable="title opened_at pipeline_stage status estimated_value_amount"
        " weighted_amount expected_close_date actual_close_date created_at updated_at",
        stage=Filter("pipeline_stage", kind=schemas.Stage),
        text=Filter("title", "ilike", description="Part of the title"),
    )
    get_deal = DEALS.get("One deal")

    @DEALS.post(
        "Open a deal",
        schemas.DealIn,
        example={
            "title": "e.g. Sale of Harbour House",
            "asset_type": "office",
            "deal_type": "sell_side",
            "estimated_value_amount": "1250000.00",
            "estimated_value_currency": "EUR",
            "confidence": 0.4,
        },
    )
    def create_deal(self, deals, body):
        """Without an agent it is the deal of the key's owner."""
        return deals._create_by_program(body.model_dump(exclude_none=True))

    @DEALS.change(
        "Change a deal",
        schemas.DealChange,
        example={"expected_close_date": "2026-12-31", "confidence": 0.6},
    )
    def change_deal(self, deal, body):
        """With “If-Match” only if nobody has changed it since."""
        deal._change_by_program(body.model_dump(exclude_unset=True))

    @DEALS.act(
        "stage",
        "Move a deal to another stage",
        schemas.StageIn,
        example={"to_stage": "negotiation", "note": "Terms are agreed"},
    )
    def move_deal(self, deal, body):
        """With “If-Match” only if nobody has changed it since."""
        deal._move_by_program(**body.model_dump())

    @DEALS.part("timeline", "What happened to a deal", response=schemas.TimelineOut)
    def get_timeline(self, deal):
        """Latest first; each event with its position in the audit log."""
        return {"items": deal._timeline_for_programs()}

    @DEALS.part("audit", "Verify what happened to a deal", response=schemas.AuditOut)
    def verify_deal(self, deal):
        """Compares the events with the audit log, and the log with itself."""
        return deal.verify_history()


BILLINGS = Resource(f"{DEALS.one}/billings", schemas.BillingOut, scope="deals")


class BillingApi(http.Controller):
    """Invoices, payments and refunds of the customers of deals."""

    @BILLINGS.list(
        "Billings of a deal",
        "billing_type reference",
        sortable="date amount_untaxed billing_type",
        first=Filter("date", ">=", Day),
        last=Filter("date", "<=", Day),
    )
    def list_billings(self, deal_id, query):
        return [("deal_id", "=", DEALS.find(deal_id).id)]

    @BILLINGS.post(
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
