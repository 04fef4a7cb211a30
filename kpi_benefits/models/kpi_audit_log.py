from odoo import api, models


class KpiAuditLog(models.Model):
    """Words for what is logged of KPIs of initiatives."""

    _inherit = "kpi.audit.log"

    @api.model
    def _event_labels(self):
        return {
            **super()._event_labels(),
            "initiative_kpi_created": self.env._("Initiative KPI created"),
            "figure_added": self.env._("Figure frozen"),
            "figure_changed": self.env._("Figure changed"),
            "figure_removed": self.env._("Figure replaced"),
            "review_approved": self.env._("Review approved"),
            "review_published": self.env._("Review published"),
            "review_removed": self.env._("Review returned to draft"),
            "review_submitted": self.env._("Review submitted"),
            "feedback_link_made": self.env._("Feedback link created"),
            "feedback_link_revoked": self.env._("Feedback link revoked"),
        }

    @api.model
    def _row_fault_text(self, fault):
        """Name the figure, where the reader may see it."""
        text = super()._row_fault_text(fault)
        if not fault.row or fault.row[0] != "kpi.review.figure":
            return text
        figure = self.env[fault.row[0]].search([("id", "=", fault.row[1])])
        return f"{text} ({figure.label}, {figure.shown})" if figure else text
