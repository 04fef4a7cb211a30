from odoo import api, fields, models


class KpiAlertPreview(models.TransientModel):
    """Dialog that shows a rule's message, as of its last alert."""

    _name = "kpi.alert.preview"
    _description = "Preview of a KPI Alert Message"

    alert_id = fields.Many2one("kpi.smart.alert", "Rule", required=True)
    title = fields.Char("Subject", compute="_compute_message")
    text = fields.Text(compute="_compute_message")

    @api.constrains("alert_id")
    def _check_readable(self):
        # Constraints run as superuser: the rights of whoever opens the dialog count.
        self.alert_id.with_user(self.env.user).check_access("read")

    @api.depends("alert_id")
    def _compute_message(self):
        for wizard in self:
            message = wizard.alert_id._origin.preview_message()
            wizard.title, wizard.text = message["title"], message["text"]
