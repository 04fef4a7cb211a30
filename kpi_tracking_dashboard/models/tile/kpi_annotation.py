from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.kpi_base.formatting import format_day


class KpiAnnotation(models.Model):
    """What somebody notes about a KPI on a day: a mark on each chart of it."""

    _name = "kpi.annotation"
    _description = "KPI Note"
    _inherit = ["kpi.input.mixin"]
    _order = "date desc, id desc"
    _rec_name = "report_id"

    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, ondelete="cascade", index=True
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    text = fields.Char(required=True)
    user_id = fields.Many2one(
        "res.users",
        "Author",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )

    @api.depends("report_id", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """Name the KPI and the day; the text is for whoever opens it."""
        for note in self:
            kpi = note.report_id.display_name
            note.display_name = kpi and self.env._(
                "%(kpi)s, note from %(date)s",
                kpi=kpi,
                date=format_day(self.env, note.date),
            )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [{**vals, "user_id": self.env.uid} for vals in vals_list]
        notes = super().create(vals_list)
        for note in notes:
            note.report_id.message_post(
                body=Markup("<b>%s</b> %s")
                % (format_day(self.env, note.date, with_year=True), escape(note.text)),
                subtype_xmlid="mail.mt_note",
            )
        # Open screens hear of it as of a value.
        notes.report_id._announce()
        return notes

    def write(self, vals):
        if "user_id" in vals and not self.env.su:
            raise AccessError(self.env._("A note's author cannot be changed."))
        before = self.report_id
        result = super().write(vals)
        if "report_id" in vals:
            # Odoo looks at the record before the change only.
            self.check_access("write")
        (before | self.report_id)._announce()
        return result

    def unlink(self):
        reports = self.report_id
        result = super().unlink()
        reports._announce()
        return result
