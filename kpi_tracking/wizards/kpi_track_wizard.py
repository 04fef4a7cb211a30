from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.actions import ticked

from ..models.report.kpi_report import SCOPE_MODELS, SCOPES

SCOPE_FIELDS = {
    "company": "company_ids",
    "department": "department_ids",
    "team": "team_ids",
    "user": "user_ids",
}


class KpiTrackWizard(models.TransientModel):
    """Track KPIs for companies, departments, teams or persons, many at a time."""

    _name = "kpi.track.wizard"
    _description = "Track KPIs"

    definition_ids = fields.Many2many(
        "kpi.definition", string="KPIs", required=True, default=ticked("kpi.definition")
    )
    scope_type = fields.Selection(
        SCOPES, "Track For", required=True, default="department"
    )
    choice = fields.Selection(
        [("chosen", "Selected"), ("matching", "All Matching a Filter")],
        "Selection",
        required=True,
        default="chosen",
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
        "res.users", string="People", domain=[("share", "=", False)]
    )
    scope_model = fields.Char("Model", compute="_compute_scope_model")
    domain = fields.Char("Filter", default="[]")
    include_children = fields.Boolean("Include Sub-Departments")
    has_rule = fields.Boolean(
        "Track Automatically",
        default=True,
        help="Tracks new matches and archives KPIs of departments, teams or people "
        "that no longer match.",
    )

    @api.depends("scope_type")
    def _compute_scope_model(self):
        for wizard in self:
            wizard.scope_model = SCOPE_MODELS.get(wizard.scope_type)

    @api.onchange("scope_type")
    def _onchange_scope_type(self):
        self.domain = "[]"

    def action_track(self):
        """Track what is not tracked yet and show it all."""
        self.ensure_one()
        is_matching = self.choice == "matching" and self.scope_type != "company"
        if is_matching and self.has_rule:
            return self._create_rule().action_apply()
        scopes = self[SCOPE_FIELDS[self.scope_type]]
        if is_matching:
            scopes = self.env["kpi.tracking.rule"]._matching_scopes(
                self.scope_type, self.domain, self.env.company, self.include_children
            )
        if not scopes:
            raise UserError(self.env._("Choose who to track KPIs for."))
        reports = self.definition_ids._track_for(self.scope_type, scopes)
        return reports._list_action()

    def _create_rule(self):
        name = ", ".join(self.definition_ids.mapped("name"))
        labels = dict(self._fields["scope_type"]._description_selection(self.env))
        return self.env["kpi.tracking.rule"].create(
            {
                "name": f"{name[:200]} – {labels[self.scope_type]}",
                "definition_ids": self.definition_ids.ids,
                "scope_type": self.scope_type,
                "domain": self.domain or "[]",
                "include_children": self.include_children,
            }
        )
