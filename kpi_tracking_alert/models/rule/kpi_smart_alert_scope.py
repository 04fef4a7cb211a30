from odoo import api, fields, models
from odoo.fields import Domain

APPLIES_TO = [
    ("kpi", "KPIs"),
    ("definition", "KPIs, wherever they are tracked"),
    ("category", "Categories"),
    ("tag", "Tags"),
    ("scorecard", "Scorecards"),
    ("department", "Departments"),
]
# what is chosen → where a tracked KPI has it
PATHS = {
    "kpi": ("report_ids", "id"),
    "definition": ("definition_ids", "definition_id"),
    "category": ("category_ids", "definition_id.category_id"),
    "tag": ("tag_ids", "definition_id.tag_ids"),
    "scorecard": ("scorecard_ids", "group_line_ids.group_id"),
    "department": ("department_ids", "department_id"),
}


class KpiSmartAlert(models.Model):
    """Which KPIs a rule watches."""

    _inherit = "kpi.smart.alert"

    applies_to = fields.Selection(
        APPLIES_TO, "Watch", required=True, default="kpi", tracking=True
    )
    report_ids = fields.Many2many(
        "kpi.report", "kpi_smart_alert_report_rel", string="KPIs"
    )
    definition_ids = fields.Many2many(
        "kpi.definition", "kpi_smart_alert_definition_rel", string="Definitions"
    )
    category_ids = fields.Many2many(
        "kpi.definition.category", "kpi_smart_alert_category_rel", string="Categories"
    )
    tag_ids = fields.Many2many("kpi.tag", "kpi_smart_alert_tag_rel", string="Tags")
    scorecard_ids = fields.Many2many(
        "kpi.report.group", "kpi_smart_alert_scorecard_rel", string="Scorecards"
    )
    department_ids = fields.Many2many(
        "hr.department",
        "kpi_smart_alert_department_rel",
        string="Departments",
        help="Their KPIs, and those of all departments below them.",
    )

    def _get_watched_domain(self):
        """The tracked KPIs that the rule watches, as a domain of ``kpi.report``."""
        self.ensure_one()
        chosen, path = PATHS[self.applies_to]
        operator = "child_of" if self.applies_to == "department" else "in"
        # An archived department has KPIs all the same.
        every = self.with_context(active_test=False)
        domain = Domain(path, operator, every[chosen].ids)
        domain &= Domain("active", "=", True)
        domain &= Domain("definition_id.active", "=", True)
        if self.company_id:
            domain &= Domain("company_id", "=", self.company_id.id)
        return domain

    @api.onchange("applies_to")
    def _onchange_applies_to(self):
        for kind, (chosen, _path) in PATHS.items():
            if kind != self.applies_to:
                self[chosen] = False
