from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.problem import Problem
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record, read_page, row, verify_unchanged

from ..schemas.commission import (
    AdjustmentIn,
    AdjustmentOut,
    AdjustmentQuery,
    AdjustmentsQuery,
    CommissionIn,
    CommissionOut,
    CommissionQuery,
    CommissionsQuery,
    DisputeChange,
    DisputeOut,
    DisputeQuery,
    DisputesQuery,
    StatusIn,
)
from .deal import ONE as DEAL
from .deal import READ, WRITE, find_deal

MODEL = "kpi.commission"
PATH = "/api/v1/commissions"
ONE = f"{PATH}/<kpi_id:commission_id>"
EXAMPLE = {
    "commission_type": "introducer",
    "basis_amount": "1250000.00",
    "commission_rate": "0.015",
}
ADJUSTMENT = {
    "adjustment_type": "clawback",
    "amount": "-250.00",
    "note": "Rent reduced",
}


class CommissionApi(http.Controller):
    """Earnings of agents with deals: agents see their own, managers those they lead."""

    @route(
        f"{DEAL}/commissions",
        scope=READ,
        summary="Commissions of a deal",
        query=CommissionsQuery,
    )
    def list_deal_commissions(self, deal_id, query):
        return read_page(MODEL, query, [("deal_id", "=", find_deal(deal_id).id)])

    @route(
        f"{DEAL}/commissions",
        methods=["POST"],
        scope=WRITE,
        summary="Introduce a commission",
        body=CommissionIn,
        response=CommissionOut,
        status=201,
        example=EXAMPLE,
    )
    def create_commission(self, deal_id, body):
        """Without an agent it is the commission of the key's owner."""
        commission = request.env[MODEL]._create_by_program(
            find_deal(deal_id), body.model_dump(exclude_none=True)
        )
        return row(commission, CommissionQuery())

    @route(PATH, scope=READ, summary="Commissions", query=CommissionsQuery)
    def list_commissions(self, query):
        return read_page(MODEL, query)

    @route(ONE, scope=READ, summary="One commission", query=CommissionQuery)
    def get_commission(self, commission_id, query):
        return row(find_record(MODEL, commission_id), query)

    @route(
        f"{ONE}/status",
        methods=["POST"],
        scope=WRITE,
        summary="Confirm, invoice, pay, dispute or write off a commission",
        body=StatusIn,
        response=CommissionOut,
        example={"status": "confirmed"},
    )
    def change_status(self, commission_id, body):
        """With “If-Match” only if nobody has changed it since.

        What it cannot become, such as confirmed a second time, is refused (409).
        """
        commission = verify_unchanged(
            find_record(MODEL, commission_id), CommissionQuery()
        )
        commission._move_by_program(**body.model_dump())
        return row(commission, CommissionQuery())

    @route(
        f"{ONE}/adjustments",
        scope=READ,
        summary="What was booked beside a commission",
        query=AdjustmentsQuery,
    )
    def list_adjustments(self, commission_id, query):
        commission = find_record(MODEL, commission_id)
        domain = [("commission_id", "=", commission.id)]
        return read_page("kpi.commission.adjustment", query, domain)

    @route(
        f"{ONE}/adjustments",
        methods=["POST"],
        scope=WRITE,
        summary="Book an amount beside a commission",
        body=AdjustmentIn,
        response=AdjustmentOut,
        status=201,
        example=ADJUSTMENT,
    )
    def create_adjustment(self, commission_id, body):
        """With “If-Match” only if nobody has changed the commission since."""
        commission = verify_unchanged(
            find_record(MODEL, commission_id), CommissionQuery()
        )
        adjustment = commission._adjust_by_program(**body.model_dump())
        return row(adjustment.with_env(request.env), AdjustmentQuery())

    @route(
        f"{ONE}/disputes",
        scope=READ,
        summary="Disputes about a commission",
        query=DisputesQuery,
    )
    def list_disputes(self, commission_id, query):
        """They begin and end by the commission's status."""
        commission = find_record(MODEL, commission_id)
        domain = [("commission_id", "=", commission.id)]
        return read_page("kpi.commission.dispute", query, domain)

    @route(
        f"{ONE}/disputes/<kpi_id:dispute_id>",
        methods=["PATCH"],
        scope=WRITE,
        summary="Comment on a dispute",
        body=DisputeChange,
        response=DisputeOut,
        example={"agent_comment": "The letter of 3 May says 2 %"},
    )
    def change_dispute(self, commission_id, dispute_id, body):
        """Each side writes its own; with “If-Match” only if nothing has changed."""
        dispute = find_record("kpi.commission.dispute", dispute_id)
        if dispute.commission_id != find_record(MODEL, commission_id):
            raise Problem("not-found")
        verify_unchanged(dispute, DisputeQuery()).write(
            body.model_dump(exclude_unset=True)
        )
        return row(dispute, DisputeQuery())
