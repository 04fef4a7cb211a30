from collections import Counter

from odoo import fields, models
from odoo.fields import Domain

MENU = "kpi_tracking_alert.kpi_alert_event_action?menu_id=%s"


class DigestDigest(models.Model):
    """Number of open alerts, in Odoo's own periodic mail to a user."""

    _inherit = "digest.digest"

    kpi_alert_open = fields.Boolean("Open KPI Alerts")
    kpi_alert_open_value = fields.Integer(
        "Open KPI Alerts Value",
        compute="_compute_kpi_alert_open_value",
        exportable=False,
    )

    def _compute_kpi_alert_open_value(self):
        _start, end, companies = self._get_kpi_compute_parameters()
        moment = fields.Datetime.to_datetime(end) or fields.Datetime.now()
        counts = self.env["kpi.alert.event"]._count_open(companies, moment)
        for digest in self:
            company = digest.company_id or self.env.company
            digest.kpi_alert_open_value = counts[company]

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("kpi_base.kpi_base_menu").id
        return {**actions, "kpi_alert_open": MENU % menu}


class KpiAlertEvent(models.Model):
    """Alerts that were open at some moment."""

    _inherit = "kpi.alert.event"

    def _count_open(self, companies, moment):
        """Count the alerts that the user may see and that were open at ``moment``.

        :param moment: UTC
        :return: ``Counter`` of companies
        """
        was_open = Domain("resolved_at", "=", False)
        was_open |= Domain("resolved_at", ">=", moment)
        had_fired = Domain("fired_at", "<", moment)
        known = Domain("company_id", "in", companies.ids)
        rows = self._read_group(
            was_open & had_fired & known, ["company_id"], ["__count"]
        )
        return Counter(dict(rows))
