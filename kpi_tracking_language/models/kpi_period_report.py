from odoo import api, fields, models


class KpiPeriodReport(models.Model):
    """Sentences about the KPIs stand above the table, in emails and PDF files."""

    _name = "kpi.period.report"
    _inherit = ["kpi.period.report", "kpi.phrase.mixin"]

    is_narrative = fields.Boolean(
        "Summary",
        help="Adds a written summary to emails and PDFs.",
    )

    @api.model
    def _option(self, name, value):
        if name == "is_narrative":
            return {name: bool(value)}
        return super()._option(name, value)

    def _options(self):
        return {**super()._options(), "is_narrative": self.is_narrative}

    def _matrix(self):
        matrix = super()._matrix()
        if self.is_narrative:
            told = self.env["kpi.nlp.processor"]._tell_of(self._kpis())
            matrix["narrative"] = told or [self._phrase("narrative.none")]
        return matrix
