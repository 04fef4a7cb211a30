from odoo import fields, models


class KpiAchievementRevocation(models.TransientModel):
    """Asks why an award is revoked."""

    _name = "kpi.achievement.revocation"
    _description = "Revoke Achievement"

    award_id = fields.Many2one("kpi.user.achievement", required=True)
    reason = fields.Text(required=True)

    def action_confirm(self):
        self.ensure_one()
        return self.award_id.revoke(self.reason)
