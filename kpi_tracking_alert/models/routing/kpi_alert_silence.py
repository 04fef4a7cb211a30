from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

LONGEST = timedelta(days=366)


class KpiAlertSilence(models.Model):
    """A time in which alerts of some KPIs are not told, such as a move of offices.

    They fire all the same, and those that still do at its end are told then.
    """

    _name = "kpi.alert.silence"
    _description = "KPI Alert Silence"
    _inherit = ["kpi.input.mixin", "mail.thread"]
    _order = "date_to desc, id desc"
    _check_company_auto = True

    name = fields.Char("Because", required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    report_ids = fields.Many2many(
        "kpi.report",
        "kpi_alert_silence_report_rel",
        string="KPIs",
        check_company=True,
    )
    tag_ids = fields.Many2many(
        "kpi.tag", "kpi_alert_silence_tag_rel", string="KPIs with the Tags"
    )
    date_from = fields.Datetime(
        "From", required=True, default=fields.Datetime.now, tracking=True
    )
    date_to = fields.Datetime("Until", required=True, tracking=True)

    _dates_ordered = models.Constraint(
        "CHECK (date_to > date_from)", "A silence must end after it begins."
    )

    @api.constrains("name", "report_ids", "tag_ids")
    def _check_chosen(self):
        for silence in self:
            if not (silence.report_ids or silence.tag_ids):
                raise ValidationError(
                    self.env._("%s: choose KPIs or tags to silence.", silence.name)
                )

    @api.constrains("date_to")
    def _check_date_to(self):
        last = fields.Datetime.now() + LONGEST
        for silence in self:
            if silence.date_to > last:
                raise ValidationError(
                    self.env._(
                        "%s, Until: choose a time within the next year.", silence.name
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        self.env["kpi.alert.notice"]._wake("silence")
        return result

    def unlink(self):
        result = super().unlink()
        self.env["kpi.alert.notice"]._wake("silence")
        return result

    def action_end(self):
        """End these silences: what fires is told at once."""
        self.check_access("write")
        now = fields.Datetime.now()
        running = self.filtered(lambda silence: silence.date_to > now)
        begun = running.filtered(lambda silence: silence.date_from < now)
        begun.date_to = now
        (running - begun).active = False
        return True
