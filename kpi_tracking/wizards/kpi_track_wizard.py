from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.core.kpi_report import SCOPES


class KpiTrackWizard(models.TransientModel):
    """Track KPIs for companies, departments, teams or persons, many at a time."""

    _name = "kpi.track.wizard"
    _description = "Track KPIs"

    definition_ids = fields.Many2many(
        "kpi.definition",
        string="KPIs",
        required=True,
        default=lambda self: self._default_definition_ids(),
    )
    scope_type = fields.Selection(
        SCOPES, "Track For", required=True, default="department"
    )
    company_ids = fields.Many2many(
        "res.company",
        string="Companies",
        default=lambda self: self.env.company,
        domain=lambda self: [("id", "in", self.env.companies.ids)],
    )
    department_ids = fields.Many2many("hr.department", string="Departments")
    team_ids = fields.Many2many("kpi.team", string="Teams")
    user_ids = fields.Many2many(
        "res.users", string="Persons", domain=[("share", "=", False)]
    )

    @api.model
    def _default_definition_ids(self):
        """The KPIs ticked in a list."""
        if self.env.context.get("active_model") != "kpi.definition":
            return False
        return self.env.context.get("active_ids")

    def action_track(self):
        """Track what is not tracked yet and show it all."""
        self.ensure_one()
        scopes = self._scopes()
        if not scopes:
            raise UserError(self.env._("Choose whom the KPIs are tracked for."))
        reports = self.definition_ids._tracked_for(self.scope_type, scopes)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_tracking.kpi_report_action"
        )
        return {**action, "domain": [("id", "in", reports.ids)], "context": {}}

    def _scopes(self):
        names = {
            "company": "company_ids",
            "department": "department_ids",
            "team": "team_ids",
            "user": "user_ids",
        }
        return self[names[self.scope_type]]
