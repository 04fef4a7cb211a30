from odoo import fields, models


class KpiApprovalApprover(models.Model):
    """Approvers by what a document says of a KPI."""

    _inherit = "kpi.approval.approver"

    whom = fields.Selection(
        selection_add=[
            ("kpi_owner", "Person responsible for the KPI"),
            ("kpi_managers", "Managers of the KPI's department"),
            ("team_leader", "Leader of the KPI's team"),
        ],
        ondelete=dict.fromkeys(("kpi_owner", "kpi_managers", "team_leader"), "cascade"),
    )
