from odoo import api, fields, models

from odoo.addons.kpi_base.fields import OptionalFloat

COMPARED = {
    ">": lambda risk, value: risk > value,
    ">=": lambda risk, value: risk >= value,
    "<": lambda risk, value: risk < value,
    "<=": lambda risk, value: risk <= value,
}


class KpiTatLevel(models.Model):
    """Risk that a clock becomes overdue, where it is known better than by chance."""

    _inherit = "kpi.tat.level"

    breach_risk = OptionalFloat(
        "Risk",
        compute="_compute_breach_risk",
        search="_search_breach_risk",
        exportable=False,
        aggregator=None,
        help="Share of the past levels like this one (template, level, priority) that"
        " had waited as long and became overdue. Empty where that was no better than"
        " the base rate on later levels, or where there are too few; the level says"
        " which.",
    )
    breach_risk_note = fields.Text(
        "Risk Explained", compute="_compute_breach_risk", exportable=False
    )

    @api.depends_context("lang")
    @api.depends("clock", "tat_breached", "tat_hours_elapsed", "tat_hours_allocated")
    def _compute_breach_risk(self):
        open_rows = self.filtered(
            lambda row: row.clock in ("running", "held") and not row.tat_breached
        )
        (self - open_rows).update({"breach_risk": False, "breach_risk_note": False})
        risks = open_rows._find_risks()
        for row in open_rows:
            risk = risks.get(row)
            predicted = risk and risk._predict(
                round(row.tat_hours_elapsed * 3600),
                round(row.tat_hours_allocated * 3600),
            )
            row.breach_risk = False if predicted is None else predicted
            row.breach_risk_note = row._explain_risk(risk, predicted)

    def _find_risks(self):
        """Clock → what is known of levels like it, by one statement."""
        # Whoever sees a clock sees how likely it is overdue, not what that comes from.
        own = self.sudo()
        risks = own.env["kpi.tat.risk"].search(
            [
                ("company_id", "in", own.company_id.ids),
                ("template_id", "in", own.request_id.template_id.ids),
            ]
        )
        known = {
            (one.company_id, one.template_id, one.level_number, one.priority): one
            for one in risks
        }
        return {
            row: risk
            for row, plain in zip(self, own, strict=True)
            if (risk := known.get(plain._get_kind()))
        }

    def _get_kind(self):
        request = self.request_id
        return (
            self.company_id,
            request.template_id,
            self.level_number,
            request.priority,
        )

    def _explain_risk(self, risk, predicted):
        if not risk:
            return self.env._(
                "Not shown, because no past levels like this are known yet. They are"
                " looked at each night."
            )
        if risk.is_shown and predicted is None:
            return self.env._("Not shown, because few past levels waited this long.")
        return risk.explanation

    @api.model
    def _search_breach_risk(self, operator, value):
        if operator not in COMPARED:
            return NotImplemented
        rows = self.search(
            [("clock", "in", ("running", "held")), ("tat_breached", "=", False)]
        )
        found = rows.filtered(
            lambda row: (
                row.breach_risk is not False
                and COMPARED[operator](row.breach_risk, value)
            )
        )
        return [("id", "in", found.ids)]
