from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.schemas.base import Day, Filter
from odoo.addons.kpi_base.table_files import answer_file

from ..schemas import commission as schemas
from .deal import DEALS

COMMISSIONS = Resource(
    "/api/v1/commissions/<kpi_id:commission_id>", schemas.CommissionOut, scope="deals"
)
OF_COMMISSION = {"scope": "deals", "within": (COMMISSIONS, "commission_id")}
ADJUSTMENTS = Resource(
    f"{COMMISSIONS.one}/adjustments", schemas.AdjustmentOut, **OF_COMMISSION
)
DISPUTES = Resource(
    f"{COMMISSIONS.one}/disputes/<kpi_id:dispute_id>",
    schemas.DisputeOut,
    **OF_COMMISSION,
)
OF_DEAL = f"{DEALS.one}/commissions"
FILTERS = {
    "names": "agent_id status commission_type rule",
    "sortable": "introduced_at status commission_amount earned_on",
    "earned_from": Filter("earned_on", ">=", Day),
    "earned_to": Filter("earned_on", "<=", Day, "The last day that counts"),
}


class CommissionApi(http.Controller):
    """Earnings of agents with deals: agents see their own, managers those they lead."""

    list_commissions = COMMISSIONS.list("Commissions", **FILTERS)
    get_commission = COMMISSIONS.get("One commission")

    @COMMISSIONS.list("Commissions of a deal", path=OF_DEAL, **FILTERS)
    def list_deal_commissions(self, deal_id, query):
        return [("deal_id", "=", DEALS.find(deal_id).id)]

    @COMMISSIONS.post(
        "Introduce a commission",
        schemas.CommissionIn,
        path=OF_DEAL,
        example={
            "commission_type": "introducer",
            "basis_amount": "1250000.00",
            "commission_rate": "0.015",
            "note": "Introduced the client",
        },
    )
    def create_commission(self, commissions, deal_id, body):
        """Without an agent it is the commission of the key's owner."""
        values = body.model_dump(exclude_none=True)
        return commissions._create_by_program(DEALS.find(deal_id), values)

    @COMMISSIONS.act(
        "status",
        "Approve, invoice, pay, dispute or write off a commission",
        schemas.StatusIn,
        example={"status": "confirmed"},
    )
    def change_status(self, commission, body):
        """With “If-Match” only if it has not changed since.

        What it cannot become, such as approved a second time, is refused (409).
        """
        commission._move_by_program(**body.model_dump())

    list_adjustments = ADJUSTMENTS.list(
        "Adjustments of a commission",
        "adjustment_type",
        sortable="recorded_at amount",
    )

    @COMMISSIONS.part(
        "adjustments",
        "Adjust a commission",
        method="POST",
        is_verified=True,
        body=schemas.AdjustmentIn,
        response=schemas.AdjustmentOut,
        status=201,
        example={
            "adjustment_type": "clawback",
            "amount": "-250.00",
            "note": "Rent reduced",
        },
    )
    def create_adjustment(self, commission, body):
        """With “If-Match” only if the commission has not changed since."""
        adjustment = commission._adjust(**body.model_dump())
        return ADJUSTMENTS.describe(adjustment.with_env(request.env))

    @DISPUTES.list(
        "Disputes about a commission", "state", sortable="opened_at state deadline"
    )
    def list_disputes(self, query):
        """They begin and end by the commission's status."""

    @DISPUTES.change(
        "Comment on a dispute",
        schemas.DisputeChange,
        example={"agent_comment": "The letter of May 3 states 2%"},
    )
    def change_dispute(self, dispute, body):
        """Each side writes its own; with “If-Match” only if nothing has changed."""
        dispute.write(body.model_dump(exclude_unset=True))


class KpiCommissionStatementController(http.Controller):
    @http.route(
        "/kpi_deal_pipeline/statement/<int:statement_id>/<string:file_format>",
        type="http",
        auth="user",
        readonly=True,
    )
    def download(self, statement_id, file_format):
        """A statement as a file; with the user's rights."""
        statement = request.env["kpi.commission.statement"].search(
            [("id", "=", statement_id)]
        )
        if not statement or file_format not in ("pdf", "xlsx"):
            raise NotFound()
        return answer_file(*statement._file(file_format))
