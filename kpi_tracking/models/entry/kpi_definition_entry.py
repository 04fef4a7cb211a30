from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.rollup import OVER_SCOPES
from ...engine.typed_number import parse_number

OWED = {"active", "computation", "entry_due_days", "frequency"}


class KpiDefinition(models.Model):
    """Settings for entry of a KPI's values: due dates, one value or several, checks."""

    _inherit = "kpi.definition"

    entry_mode = fields.Selection(
        [
            ("one", "One value"),
            ("parts", "One value per person, combined"),
        ],
        required=True,
        default="one",
        tracking=True,
        help=(
            "Values of several people are combined as set under “Over People and "
            "Departments”."
        ),
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
        help="A value counts only after a manager of the department or a KPI "
        "officer has approved it. Nobody can approve their own entry.",
    )

    _entry_due_days_range = models.Constraint(
        "CHECK (entry_due_days BETWEEN 0 AND 250)",
        "Entries can be due 0 to 250 working days after the end of the period.",
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
                        "%s: values of several people can be combined as a sum, "
                        "a weighted average, the lowest or the highest. Choose "
                        "one of these under “Over People and Departments”, or "
                        "enter one value.",
                        definition.name,
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if not OWED.isdisjoint(vals):
            self.with_context(active_test=False).report_ids._refresh_duties()
        return result

    def _parse_typed_value(self, text):
        """The value that the user typed, in their language; its unit may stand by.

        :raises ValidationError: it is no number, or neither yes nor no
        """
        self.ensure_one()
        if self.unit == "boolean":
            answers = {"1": 1.0, self.env._("Yes").lower(): 1.0}
            answers |= {"0": 0.0, self.env._("No").lower(): 0.0}
            answer = answers.get(text.strip().lower())
            if answer is None:
                raise ValidationError(
                    self.env._("“%s” is neither yes nor no. Enter 1 or 0.", text[:20])
                )
            return answer
        language = self.env["res.lang"]._get_data(code=self.env.user.lang)
        number = parse_number(self._without_unit(text), language.decimal_point or ".")
        if number is None:
            raise ValidationError(
                self.env._("“%s” is not a number. Use 12.5 or 12,5.", text[:20])
            )
        return number

    def _without_unit(self, text):
        """Cells copied from a spreadsheet bring their unit along."""
        units = ("%", self.currency_id.symbol, self.currency_id.name, self.unit_symbol)
        text = text.strip()
        for unit in filter(None, units):
            text = text.removeprefix(unit).removesuffix(unit).strip()
        return text
