from odoo import fields, models

from odoo.addons.kpi_base.formatting import format_clock, format_day


class KpiReport(models.Model):
    """Where values come from that an integration read."""

    _inherit = "kpi.report"

    def _explain_manual(self, period, fact):
        explanation = super()._explain_manual(period, fact)
        sync = self.env["kpi.import"]._find_syncs(fact)[fact] if fact else None
        if not sync:
            return explanation
        local = fields.Datetime.context_timestamp(self, fact.recorded_at)
        method = self.env._(
            "%(system)s, synced on %(day)s, %(time)s by %(user)s.",
            system=sync.integration_id._kind().name,
            day=format_day(self.env, local),
            time=format_clock(self.env, local),
            user=fact.recorded_by_id.display_name or self.env._("the system"),
        )
        return {**explanation, "method": method}
