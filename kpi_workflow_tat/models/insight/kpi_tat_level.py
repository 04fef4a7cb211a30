from odoo import api, fields, models
from odoo.fields import Domain

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
        predicted = open_rows._predict_risks(risks)
        for row in open_rows:
            own = predicted.get(row)
            row.breach_risk = False if own is None else own
            row.breach_risk_note = row._explain_risk(risks.get(row), own)

    def _predict_risks(self, risks):
        """Clock → risk, None where nothing is known of such; those of a kind at once.

        :param risks: by ``_find_risks``
        """
        known = self.filtered(risks.get)
        return {
            row: predicted
            for risk, rows in known.grouped(risks.get).items()
            for row, predicted in zip(
                rows,
                risk._predict(
                    [round(row.tat_hours_elapsed * 3600) for row in rows],
                    [round(row.tat_hours_allocated * 3600) for row in rows],
                ),
                strict=True,
            )
        }

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
        rows = self.search(self._get_predictable_domain())
        compare = COMPARED[operator]
        predicted = rows._predict_risks(rows._find_risks())
        found = [
            row.id
            for row, risk in predicted.items()
            if risk is not None and compare(risk, value)
        ]
        return [("id", "in", found)]

    @api.model
    def _get_predictable_domain(self):
        """Open clocks of the kinds whose risk is shown; of others there is none."""
        # Which kinds there are is no secret.
        shown = self.env["kpi.tat.risk"].sudo().search([("is_shown", "=", True)])
        kinds = Domain.OR(
            Domain("company_id", "=", one.company_id.id)
            & Domain("request_id.template_id", "=", one.template_id.id)
            & Domain("request_id.priority", "=", one.priority)
            & Domain("level_number", "=", one.level_number)
            for one in shown
        )
        is_open = Domain("clock", "in", ("running", "held"))
        return kinds & is_open & Domain("tat_breached", "=", False)
