from odoo import api, models

from ...user_link import END, HAND_OVER, STAY, UserLink

IS_ASKED = ("state", "in", ("later", "asked"))


class KpiUserLink(models.AbstractModel):
    """Workflows and approvals that hang on a person."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        delegation, step = "kpi.approval.delegation", "kpi.approval.step"
        return [
            *super()._get_links(),
            UserLink("kpi.approval.workflow", "owner_id", HAND_OVER),
            UserLink("kpi.approval.approver", "user_id", HAND_OVER),
            UserLink(step, "user_id", HAND_OVER, (IS_ASKED,)),
            UserLink(step, "for_user_id", STAY),
            UserLink(step, "submitter_id", STAY),
            UserLink("kpi.approval.link", "user_id", END, ending="_revoke"),
            UserLink("kpi.approval.change", "user_id", STAY),
            UserLink(delegation, "user_id", END, ending="unlink"),
            UserLink(delegation, "delegate_id", END, ending="unlink"),
        ]
