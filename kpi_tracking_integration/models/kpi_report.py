from odoo import api, fields, models

from odoo.addons.kpi_base.formatting import format_clock, format_day


class KpiReport(models.Model):
    """Where values come from that an integration read."""

    _inherit = "kpi.report"

    feed_notice = fields.Char(compute="_compute_feed_notice", exportable=False)

    @api.depends("definition_id", "company_id")
    @api.depends_context("lang", "tz")
    def _compute_feed_notice(self):
        # Readers of the KPI see whether values arrive: a day, no more.
        integrations = self.env["kpi.integration"].sudo()
        troubled = integrations.search(
            [
                ("last_sync", "!=", False),
                ("company_id", "in", self.company_id.ids),
                "|",
                ("definition_id", "in", self.definition_id.ids),
                ("other_definition_ids", "in", self.definition_id.ids),
                "|",
                ("sync_status", "=", "error"),
                ("stale_since", "!=", False),
            ],
            order="last_sync",
        )
        days = {}
        for each in troubled:
            for definition in each.definition_id | each.other_definition_ids:
                days.setdefault((definition.id, each.company_id.id), each.last_sync)
        for report in self:
            moment = days.get((report.definition_id.id, report.company_id.id))
            local = moment and fields.Datetime.context_timestamp(report, moment)
            report.feed_notice = local and self.env._(
                "No new data since %s", format_day(self.env, local)
            )

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
