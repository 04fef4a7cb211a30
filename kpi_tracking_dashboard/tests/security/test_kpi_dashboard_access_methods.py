from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_base.tests.security.access_methods import AccessMethodsMixin

from .dashboard_access_case import DashboardAccessCase

REASONS = {
    "kpi.dashboard": {
        "action_open_found": "asks for the right to read",
        "find_by_name": "finds what the user may read",
        "action_delete": "asks for the right to delete; archives as superuser",
        "action_delete_for_good": "unlink, of what is in the bin",
        "action_put_back": "asks for the right to write; activates as superuser",
        "discard_draft": "asks for the right to write",
        "leave_draft": "asks for the right to write",
        "list_versions": "asks for the right to write; names who published",
        "publish": "asks for the right to write both; tiles are taken over whole",
        "start_draft": "asks for the right to write; tiles are copied whole",
        "action_export": "returns a window, which officers may open",
        "action_mail_now": "returns a window, which asks for the right to read",
        "action_mails": "returns a window, which searches with rules",
        "action_open": "returns the dashboard, which is read as the user",
        "action_share": "asks for the right to write; returns a window",
        "data": "finds the dashboard and reads its KPIs with the user's rules",
        "get_default": "finds dashboards with the user's rules",
        "scopes": "asks for the right to read; finds KPIs with the user's rules",
        "preview": "asks for the right to write; reads KPIs with the user's rules",
        "save_layout": "asks for the right to write",
        "count_view": "asks for the right to read; counts as superuser",
    },
    "kpi.dashboard.version": {
        "bring_back": "who reads it may arrange the dashboard, which is asked for",
        "restore": "who reads it may arrange the dashboard, which is asked for",
    },
    "kpi.dashboard.tile": {
        "drill": "finds the dashboard and its KPIs with the user's rules",
        "move_to": "asks for the right to write both dashboards",
    },
    "kpi.dashboard.share": {
        "action_renew": "for whoever made the link",
        "action_revoke": "for whoever made the link, and who arranges the dashboard",
    },
    "kpi.dashboard.mail.wizard": {
        "action_send": "asks for the right to read; mails what each receiver may see",
    },
    "kpi.dashboard.share.wizard": {
        "action_make_link": "asks for the right to write; shows what the user sees",
    },
    "kpi.dashboard.schedule": {
        "action_leave": "for a receiver who may read it: takes off that person only",
        "action_send_to_me": "asks for the right to read; mails what the user may see",
    },
    "kpi.example": {
        "action_try": "asks for the right to define; makes its own as superuser",
    },
    "kpi.gallery.dashboard": {
        "action_install": "asks for the right to define; creates as the user",
        "action_open": "returns the dashboard, which is read as the user",
        "action_start": "asks for the right to define; creates as the user",
        "find_offer": "names ready dashboards to who may install them, as the user",
    },
    "kpi.report": {
        "get_history": "finds the KPI and its notes with the user's rules",
    },
}
ARGUMENTS = {
    "bring_back": lambda case: [1],
    "find_offer": lambda case: [[1]],
    "get_history": lambda case: [1],
    "move_to": lambda case: [1],
    "preview": lambda case: [{}],
    "save_layout": lambda case: [1, []],
}


@tagged("post_install", "-at_install")
class TestKpiDashboardAccessMethods(AccessMethodsMixin, DashboardAccessCase, HttpCase):
    """No method of dashboards lets anybody reach more."""

    addon = "kpi_tracking_dashboard"
    lower = ("kpi_base", "kpi_tracking")
    reasons = REASONS
    arguments = ARGUMENTS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shown = {"dashboard_id": cls.records["kpi.dashboard"]["a"].id}
        for name in ("kpi.dashboard.mail.wizard", "kpi.dashboard.share.wizard"):
            open_dialog = cls.env[name].create(shown)
            cls.records = {**cls.records, name: {"a": open_dialog}}
        cls.env.flush_all()
