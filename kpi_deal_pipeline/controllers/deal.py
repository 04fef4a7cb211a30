from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.controllers.prefix import RestPrefix
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record, read_page, row, verify_unchanged

from ..schemas.deal import (
    AuditOut,
    DealChange,
    DealIn,
    DealOut,
    DealQuery,
    DealsQuery,
    StageIn,
    TimelineOut,
)

PATH = "/api/v1/deals"
ONE = f"{PATH}/<uuid:deal_id>"
READ, WRITE = "deals.read", "deals.write"
EXAMPLE = {
    "title": "e.g. Sale of Harbour House",
    "asset_type": "office",
    "deal_type": "sell_side",
    "estimated_value_amount": "1250000.00",
    "estimated_value_currency": "EUR",
    "confidence": 0.4,
}


class DealsApi(RestPrefix, http.Controller, prefix="/api/v1", title="Deals API"):
    """The family of paths of deals and commissions."""


def find_deal(deal_id):
    """The deal of this UUID: see ``find_record``."""
    return find_record("kpi.deal", str(deal_id), "uuid")


class DealApi(http.Controller):
    """Deals, their stages and what happened to them."""

    @route(PATH, scope=READ, summary="Deals", query=DealsQuery)
    def list_deals(self, query):
        return read_page("kpi.deal", query)

    @route(ONE, scope=READ, summary="One deal", query=DealQuery)
    def get_deal(self, deal_id, query):
        return row(find_deal(deal_id), query)

    @route(
        PATH,
        methods=["POST"],
        scope=WRITE,
        summary="Open a deal",
        body=DealIn,
        response=DealOut,
        status=201,
        example=EXAMPLE,
    )
    def create_deal(self, body):
        """Without an agent it is the deal of the key's owner."""
        deal = request.env["kpi.deal"]._create_by_program(
            body.model_dump(exclude_none=True)
        )
        return row(deal, DealQuery())

    @route(
        ONE,
        methods=["PATCH"],
        scope=WRITE,
        summary="Change a deal",
        body=DealChange,
        response=DealOut,
        example={"expected_close_date": "2026-12-31", "confidence": 0.6},
    )
    def change_deal(self, deal_id, body):
        """With “If-Match” only if nobody has changed it since."""
        deal = verify_unchanged(find_deal(deal_id), DealQuery())
        deal._change_by_program(body.model_dump(exclude_unset=True))
        return row(deal, DealQuery())

    @route(
        f"{ONE}/stage",
        methods=["POST"],
        scope=WRITE,
        summary="Move a deal to another stage",
        body=StageIn,
        response=DealOut,
        example={"to_stage": "negotiation", "note": "Terms are agreed"},
    )
    def move_deal(self, deal_id, body):
        """With “If-Match” only if nobody has changed it since."""
        deal = verify_unchanged(find_deal(deal_id), DealQuery())
        deal._move_by_program(**body.model_dump())
        return row(deal, DealQuery())

    @route(
        f"{ONE}/timeline",
        scope=READ,
        summary="What happened to a deal",
        response=TimelineOut,
    )
    def get_timeline(self, deal_id):
        """Latest first; each event with its position in the audit log."""
        return {"items": find_deal(deal_id)._timeline_for_programs()}

    @route(
        f"{ONE}/audit",
        scope=READ,
        summary="Verify what happened to a deal",
        response=AuditOut,
    )
    def verify_deal(self, deal_id):
        """Compares the events with the audit log, and the log with itself."""
        return find_deal(deal_id).verify_history()
