from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..rule.kpi_smart_alert_scope import PATHS

# what a rule says of the values it looks at, and of which KPIs
JUDGED_BY = {
    "active",
    "alert_type",
    "applies_to",
    "chance_below",
    "clear_threshold",
    "clear_threshold_high",
    "company_id",
    "compared",
    "condition",
    "is_personal",
    "judge_running",
    "least_facts",
    "least_weight",
    "no_data_days",
    "owner_id",
    "periods",
    "recent_periods",
    "restated_after_days",
    "restated_percent",
    "state",
    "threshold",
    "threshold_high",
    *(chosen for chosen, _path in PATHS.values()),
}


class KpiSmartAlert(models.Model):
    """Which KPIs rules have to look at: a row for each change, which a sweep takes.

    Rows are only added by those who change something and only removed by the sweep
    that has read the change, so neither waits for the other nor misses it.
    """

    _inherit = "kpi.smart.alert"

    def init(self):
        result = super().init()
        # No foreign keys: they would lock KPIs and rules, and take most of the time.
        # ``alert_id`` says which rule was turned on or changed, if one was.
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS kpi_alert_mark (
                id bigserial PRIMARY KEY,
                report_id integer NOT NULL,
                alert_id integer
            );
            CREATE TABLE IF NOT EXISTS kpi_alert_day (
                calendar_id integer PRIMARY KEY
                            REFERENCES kpi_calendar ON DELETE CASCADE,
                day date NOT NULL
            )
            """
        )
        return result

    @api.model
    def _mark(self, report_ids):
        """Have rules look at KPIs, as something of them changed."""
        if not report_ids:
            return
        # A rule that is turned on meanwhile marks its KPIs by itself.
        self.flush_model(["state", "active"])
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kpi_alert_mark (report_id)
                SELECT unnest(%s)
                 WHERE EXISTS (SELECT FROM kpi_smart_alert WHERE state = 'on')
                    OR EXISTS (SELECT FROM kpi_alert_event WHERE state <> 'resolved')
                """,
                list(report_ids),
            )
        )
        if self.env.cr.rowcount:
            self.env["kpi.timer"]._notify()

    def _mark_watched(self):
        """Have these rules look at all their KPIs, and at those of their alerts."""
        rules = self.filtered("active")
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kpi_alert_mark (report_id, alert_id)
                SELECT report_id, alert_id FROM (%s) AS watched
                 UNION ALL
                SELECT report_id, alert_id
                  FROM kpi_alert_event
                 WHERE alert_id = ANY(%s) AND state <> 'resolved'
                """,
                rules._watched_sql(),
                self.ids,
            )
        )
        if self.env.cr.rowcount:
            self.env["kpi.timer"]._notify()

    def write(self, vals):
        before = self.filtered("active")
        result = super().write(vals)
        if "active" in vals:
            # Restored, a rule fires once somebody turns it on.
            moved = self - before if vals["active"] else before
            moved._turn_off(self.env._("The rule was archived."))
        changed = JUDGED_BY & vals.keys()
        if changed:
            self.filtered(lambda rule: rule.state == "on")._mark_watched()
        if changed - {"state"}:
            self._turn_on_failed()
        return result

    def _turn_on_failed(self):
        """Have those look again that had failed, as somebody has changed them."""
        # Its state is the engine's; the right to change the rule was asked for.
        failed = self.sudo().filtered(lambda rule: rule.state == "failed")
        failed.write({"state": "on", "last_error": False})

    @api.model
    def _find_reports(self, domain):
        """Ids of KPIs for ``_mark``, whoever may see them."""
        # Rules watch for everybody; nothing is shown here.
        reports = self.env["kpi.report"].sudo().with_context(active_test=False)
        return reports.search(Domain(domain)).ids
