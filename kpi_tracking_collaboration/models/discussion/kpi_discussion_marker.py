from datetime import timedelta

from odoo import fields, models


class KpiDiscussion(models.Model):
    """The note on the charts of the KPI that says where it was discussed."""

    _inherit = "kpi.discussion"

    annotation_id = fields.Many2one(
        "kpi.annotation", "Note", readonly=True, copy=False, ondelete="set null"
    )

    def unlink(self):
        # The note is the discussion's, whoever may delete that.
        notes = self.annotation_id.sudo()
        result = super().unlink()
        notes.unlink()
        return result

    def _mark(self):
        """Leave a note in the period that is discussed."""
        for discussion in self.filtered("period_start"):
            calendar = discussion.kpi_id.definition_id.calendar_id
            period = calendar._period(discussion.grain, discussion.period_start)
            last_day = period.stop - timedelta(days=1)
            note = self.env["kpi.annotation"].create(
                {
                    "report_id": discussion.kpi_id.id,
                    "date": max(period.start, min(last_day, calendar._today())),
                    "text": discussion._name_marker(),
                }
            )
            # Which note is its own is the discussion's.
            discussion.sudo().annotation_id = note

    def _rename_marker(self):
        for discussion in self:
            # As above, whoever may change that.
            discussion.annotation_id.sudo().text = discussion._name_marker()

    def _name_marker(self):
        return self.env._("Discussion: %s", self.name)
