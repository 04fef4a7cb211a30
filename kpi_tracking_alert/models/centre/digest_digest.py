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
        self._count_by_company(
            "kpi_alert_open_value",
            "kpi.alert.event",
            lambda moment: (
                Domain("fired_at", "<", moment)
                & (
                    Domain("resolved_at", "=", False)
                    | Domain("resolved_at", ">=", moment)
                )
            ),
        )

    def _count_by_company(self, name, model, get_domain):
        """Set a field to the number of records of each digest's company, as seen.

        :param get_domain: moment (UTC) → domain of the records that count then
        """
        _start, end, companies = self._get_kpi_compute_parameters()
        moment = fields.Datetime.to_datetime(end) or fields.Datetime.now()
        domain = get_domain(moment) & Domain("company_id", "in", companies.ids)
        counts = dict(self.env[model]._read_group(domain, ["company_id"], ["__count"]))
        for digest in self:
            digest[name] = counts.get(digest.company_id or self.env.company, 0)

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("kpi_base.kpi_base_menu").id
        return {**actions, "kpi_alert_open": MENU % menu}
