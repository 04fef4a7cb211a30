from odoo import api, fields, models
from odoo.tools import format_date

from ...engine.zones import THRESHOLD_FIELDS

ZONE_COUNTS = {"rag": 2, "five": 4}  # thresholds that are used


class KpiTarget(models.Model):
    """Texts on screens of a target: its unit, whose it is and since when."""

    _inherit = "kpi.target"

    unit = fields.Selection(related="report_id.unit")
    decimals = fields.Integer(related="report_id.decimals")
    currency_id = fields.Many2one(related="report_id.currency_id")
    unit_symbol = fields.Char(related="report_id.unit_symbol")
    duration_unit = fields.Selection(related="report_id.duration_unit")
    rule_in_words = fields.Char("Target in Words", compute="_compute_rule_in_words")
    zones_in_words = fields.Char("Custom Zones", compute="_compute_zones_in_words")

    @api.depends(
        "rule",
        "value",
        "change_percent",
        "source_definition_id",
        "annual_total",
        "range_low",
        "range_high",
        "report_id",
    )
    def _compute_rule_in_words(self):
        for target in self:
            target.rule_in_words = target.report_id and target._rule_in_words()

    def _rule_in_words(self):
        """As ``rule``, with its numbers in the KPI's unit; empty while unknown."""
        self.ensure_one()
        in_words = {
            "number": self._number_in_words,
            "previous_year": lambda: self._describe_change(self.env._("Last year")),
            "kpi": lambda: self._describe_change(self.source_definition_id.name or ""),
            "annual": self._annual_in_words,
        }
        return in_words[self.rule]() if self.rule else ""

    def _number_in_words(self):
        if self.direction != "range":
            return self._format_number(self.value)
        low, high = (
            self._format_number(self.range_low),
            self._format_number(self.range_high),
        )
        if low and high:
            return f"{low} – {high}"
        if high:
            return self.env._("up to %s", high)
        return low and self.env._("from %s", low)

    def _annual_in_words(self):
        total = self._format_number(self.annual_total)
        return total and self.env._("%s per year, spread like last year", total)

    def _describe_change(self, of_what):
        percent = self.change_percent
        if not of_what or not percent:
            return of_what
        sign = "+" if percent > 0 else "\N{MINUS SIGN}"
        return f"{of_what} {sign} {abs(percent):g} %"

    def _format_number(self, number):
        known = number is not False
        return self.report_id.definition_id._format_value(number) if known else ""

    @api.depends("zones", *THRESHOLD_FIELDS)
    def _compute_zones_in_words(self):
        for target in self:
            used = THRESHOLD_FIELDS[: ZONE_COUNTS.get(target.zones, 0)]
            numbers = [
                f"{target[name]:g}" for name in used if target[name] is not False
            ]
            shown = " / ".join(numbers)
            target.zones_in_words = shown and f"{shown} %"

    @api.depends("report_id", "date_from")
    def _compute_display_name(self):
        for target in self:
            target.display_name = self.env._(
                "%(kpi)s, from %(date)s",
                kpi=target.report_id.display_name,
                date=format_date(self.env, target.date_from),
            )
