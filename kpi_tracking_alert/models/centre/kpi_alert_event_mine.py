from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.kpi_base.rights import remember_rights

MOST = 80


class KpiAlertEvent(models.Model):
    """Alerts that are the user's to look after, worst first."""

    _inherit = "kpi.alert.event"

    is_mine = fields.Boolean(
        "Mine",
        compute="_compute_is_mine",
        search="_search_is_mine",
        exportable=False,
        help="Addressed to the user, or theirs to look after.",
    )

    @api.depends("report_id", "assignee_id", "addressee_ids", "personal_user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for event in self:
            event.is_mine = event._is_concerned()

    @api.model
    def _search_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        uid = self.env.uid
        # Which KPIs are theirs is no secret from the user.
        own = self.env["kpi.report"].sudo()._search([("owner_id", "=", uid)])
        # Nor which alerts are addressed to them.
        addressed = self.sudo()._search([("addressee_ids", "in", [uid])])
        domain = (
            Domain("report_id", "in", own)
            | Domain("assignee_id", "=", uid)
            | Domain("id", "in", addressed)
            | Domain("personal_user_id", "=", uid)
        )
        return domain if True in value else ~domain

    @api.model
    def _get_waiting_domain(self):
        """Alerts that wait for the user to acknowledge them."""
        return Domain("state", "=", "firing") & Domain("is_mine", "=", True)

    @api.model
    @api.readonly
    def get_waiting_count(self):
        """Number of alerts that wait for the user."""
        return self.search_count(self._get_waiting_domain())

    @api.model
    @api.readonly
    def get_centre(self):
        """What needs the user: their open alerts, worst first, and all else.

        :return: dict of ``count`` (of alerts that wait for the user), ``alerts`` (as
            ``_prepare_item`` makes them) and ``needs`` (as ``kpi.home.get_needs``)
        """
        with remember_rights(self.env):
            mine = Domain("state", "!=", "resolved") & Domain("is_mine", "=", True)
            events = self.search(mine, limit=MOST)
            needs = self.env["kpi.home"].get_needs()
            return {
                "count": self.get_waiting_count(),
                "alerts": [event._prepare_item() for event in events],
                "needs": [need for need in needs if need["kind"] != "alert"],
            }

    def _prepare_item(self):
        """What a row of the centre or the overview shows."""
        self.ensure_one()
        # Who sees an alert reads who has it.
        assignee = self.sudo().assignee_id
        return {
            "id": self.id,
            "report_id": self.report_id.id,
            "kpi": self.report_id.name,
            "rule": self.rule_name,
            "reason": self.reason or "",
            "severity": self.severity,
            "state": self.state,
            "since": fields.Datetime.to_string(self.fired_at),
            "snoozed_until": self.snoozed_until
            and fields.Datetime.to_string(self.snoozed_until),
            "assignee": assignee.name or "",
            "is_assigned_to_me": assignee == self.env.user,
            "can_act": self.can_act,
        }
