from collections import Counter

from odoo import fields, models
from odoo.fields import Domain

MENU = "kpi_tracking.kpi_report_action?menu_id=%s"
APPROVAL_MENU = "kpi_base.kpi_approval_step_action_mine?menu_id=%s"
OVERDUE_MENU = "kpi_tracking.kpi_entry_due_action_all?menu_id=%s"


class DigestDigest(models.Model):
    """Number of KPIs on track, in Odoo's own periodic mail to a user.

    Counted as the receiver: Odoo computes a digest with each user's own rights.
    """

    _inherit = "digest.digest"

    kpi_report_on_track = fields.Boolean("KPIs On Track")
    kpi_report_on_track_value = fields.Integer(
        "KPIs On Track Value",
        compute="_compute_kpi_report_on_track_value",
        exportable=False,
    )
    kpi_report_at_risk = fields.Boolean("KPIs At Risk")
    kpi_report_at_risk_value = fields.Integer(
        "KPIs At Risk Value",
        compute="_compute_kpi_report_at_risk_value",
        exportable=False,
    )
    kpi_report_off_track = fields.Boolean("KPIs Off Track")
    kpi_report_off_track_value = fields.Integer(
        "KPIs Off Track Value",
        compute="_compute_kpi_report_off_track_value",
        exportable=False,
    )

    kpi_entry_overdue = fields.Boolean("KPI Entries Overdue")
    kpi_entry_overdue_value = fields.Integer(
        "KPI Entries Overdue Value",
        compute="_compute_kpi_entry_overdue_value",
        exportable=False,
    )

    kpi_approval_waiting = fields.Boolean("Approvals Waiting")
    kpi_approval_waiting_value = fields.Integer(
        "Approvals Waiting Value",
        compute="_compute_kpi_approval_waiting_value",
        exportable=False,
    )

    # One method for each: Odoo forgets them one by one between two time frames.

    def _compute_kpi_report_on_track_value(self):
        self._count_kpi_status("kpi_report_on_track_value", "on_target")

    def _compute_kpi_report_at_risk_value(self):
        self._count_kpi_status("kpi_report_at_risk_value", "at_risk")

    def _compute_kpi_report_off_track_value(self):
        self._count_kpi_status("kpi_report_off_track_value", "off_target")

    def _compute_kpi_entry_overdue_value(self):
        count = self.env["kpi.entry.due"]._overdue_counts
        for digest, company, counts in self._count_kpis(count):
            digest.kpi_entry_overdue_value = counts[company]

    def _compute_kpi_approval_waiting_value(self):
        count = self.env["kpi.approval.step"]._waiting_counts
        for digest, company, counts in self._count_kpis(count):
            digest.kpi_approval_waiting_value = counts[company] + counts[None]

    def _count_kpi_status(self, name, status):
        count = self.env["kpi.report"]._status_counts
        for digest, company, counts in self._count_kpis(count):
            digest[name] = counts[company][status]

    def _count_kpis(self, count):
        """Yield each digest with its company and what ``count`` finds at its end."""
        _start, end, companies = self._get_kpi_compute_parameters()
        moment = fields.Datetime.to_datetime(end) or fields.Datetime.now()
        counts = count(companies, moment)
        for digest in self:
            yield digest, digest.company_id or self.env.company, counts

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("kpi_base.kpi_base_menu").id
        names = ("kpi_report_on_track", "kpi_report_at_risk", "kpi_report_off_track")
        return {
            **actions,
            **dict.fromkeys(names, MENU % menu),
            "kpi_entry_overdue": OVERDUE_MENU % menu,
            "kpi_approval_waiting": APPROVAL_MENU % menu,
        }


class KpiApprovalStep(models.Model):
    """Approvals that waited for the user at some moment."""

    _inherit = "kpi.approval.step"

    def _waiting_counts(self, companies, moment):
        """What waited for the user at a UTC ``moment``, by company; None = of none."""
        waited = Domain("state", "=", "asked") | Domain("decided_at", ">=", moment)
        mine = Domain("user_id", "=", self.env.uid)
        before = Domain("asked_at", "<", moment)
        known = Domain("company_id", "in", [*companies.ids, False])
        rows = self._read_group(
            waited & mine & before & known, ["company_id"], ["__count"]
        )
        return Counter({company or None: count for company, count in rows})


class KpiEntryDue(models.Model):
    """Entries that were overdue at some moment."""

    _inherit = "kpi.entry.due"

    def _overdue_counts(self, companies, moment):
        """Entries that were overdue at a UTC ``moment``, by company."""
        was_due = Domain("state", "=", "overdue") | Domain("submitted_at", ">=", moment)
        past = Domain("due_date", "<", moment.date())
        known = Domain("company_id", "in", companies.ids)
        rows = self._read_group(was_due & past & known, ["company_id"], ["__count"])
        return Counter(dict(rows))
