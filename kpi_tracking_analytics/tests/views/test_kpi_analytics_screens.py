from datetime import date

from dateutil.relativedelta import relativedelta

from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_tracking.tests.views.axe_case import AxeMixin
from odoo.addons.kpi_tracking.tests.views.screen_visits import ScreenVisits

from ..models.analysis_case import MONTHS, AnalysisCase, months, seasonal

START = ("/odoo/kpi-forecasts", ".o_list_view")
LISTS = (  # action, view, what is drawn there
    ("kpi_predictive_analytics_action", "list", ".o_list_view .o_data_row"),
    ("kpi_predictive_analytics_action", "kanban", ".o_kanban_record"),
    ("kpi_anomaly_action", "list", ".o_list_view .o_data_row"),
    ("kpi_anomaly_action", "kanban", ".o_kanban_record"),
)
DIGEST = "!!document.querySelector('.o_kpi_home_news')"


@tagged("post_install", "-at_install")
class TestKpiAnalyticsScreens(ScreenVisits, AxeMixin, AnalysisCase, HttpCase):
    """Screens of what is worked out open, and axe-core finds nothing on them."""

    addon = "kpi_tracking_analytics"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Browsers have the clock of the machine.
        first = date.today().replace(day=1) - relativedelta(months=MONTHS)
        values = seasonal()
        values[-1] = 400.0
        cls.orders = cls._entered("Orders", months(values, first), target=9000)
        cls.orders.shared_user_ids = cls.manager
        cls.note = cls.env["kpi.annotation"].create(
            {
                "report_id": cls.orders.id,
                "date": date.today() + relativedelta(months=1),
                "text": "Fair",
                "effect": "add",
                "effect_amount": 50.0,
            }
        )
        cls.analytics._analyse(cls.orders)

    def _check_overview(self, login, ready=DIGEST):
        self._check("/odoo/kpi-home", ".o_kpi_home", ready, login)

    def test_lists_and_forms(self):
        screens = (
            *LISTS,
            self._form(self._forecast(self.orders)),
            self._form(self.orders, ".o_kpi_history svg, .o_kpi_history canvas"),
            self._form(self.note),
        )
        self._visit(screens, "officer", *START)

    def test_lists_and_forms_in_dark(self):
        self._darken()
        self._visit(
            (*LISTS, self._form(self._forecast(self.orders))), "officer", *START
        )
        self._check_overview("manager")

    def test_from_right_to_left(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.officer.lang = "ar_001"
        self._visit(
            (*LISTS, self._form(self._forecast(self.orders))), "officer", *START
        )
        is_rtl = "!!document.querySelector('.o_rtl')"
        self._check_overview("officer", f"{is_rtl} && {DIGEST}")

    def test_what_will_probably_miss(self):
        self._check_overview("manager")
