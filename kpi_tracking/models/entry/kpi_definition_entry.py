from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.rollup import OVER_SCOPES

OWED = {"active", "computation", "entry_due_days", "frequency"}


class KpiDefinition(models.Model):
    """How people enter the values of a KPI: by when, alone or together, checked."""

    _inherit = "kpi.definition"

    entry_mode = fields.Selection(
        [
            ("one", "One value"),
            ("parts", "A part from each person, combined"),
        ],
        "Values Are Entered As",
        required=True,
        default="one",
        tracking=True,
        help="Parts are combined as the KPI is over people and departments.",
    )
    entry_due_days = fields.Integer(
        "Due After (Working Days)",
        default=5,
        tracking=True,
        help="Working days of the company after the end of the period; 0 = the last"
        " day of the period.",
    )
    has_entry_approval = fields.Boolean(
        "Entries Need Approval",
        tracking=True,
        help="A value counts when a manager of the department or a KPI officer has"
        " approved it. Nobody approves what they entered.",
    )

    _entry_due_days_range = models.Constraint(
        "CHECK (entry_due_days BETWEEN 0 AND 250)",
        "Values are due after 0 to 250 working days.",
    )

    @api.constrains("entry_mode", "aggregation_scope", "computation")
    def _check_entry_mode(self):
        for definition in self.filtered(lambda kpi: kpi.entry_mode == "parts"):
            if (
                definition.computation == "manual"
                and definition.aggregation_scope not in OVER_SCOPES
            ):
                raise ValidationError(
                    self.env._(
                        "%s: parts can be combined as a sum, a weighted average, the"
                        " lowest or the highest of them. Choose one of these under"
                        " “Over People and Departments”, or enter one value.",
                        definition.name,
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if not OWED.isdisjoint(vals):
            self.with_context(active_test=False).report_ids._refresh_duties()
        return result
