from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_tracking.tests.views.axe_case import AxeMixin
from odoo.addons.kpi_tracking.tests.views.screen_visits import ScreenVisits

from ..models.alert_case import AlertCase

START = ("/odoo/kpi-alerts", ".o_list_view .o_kpi_alert_group")
LISTS = (  # action, view, what is drawn there
    ("kpi_alert_event_action", "list", ".o_kpi_alert_group .o_kpi_status"),
    ("kpi_alert_event_action", "kanban", ".o_kanban_record span"),
    ("kpi_smart_alert_action", "list", ".o_list_view .o_data_row [name=severity]"),
    ("kpi_smart_alert_action", "kanban", ".o_kanban_record span"),
    ("kpi_alert_reason_action", "list", ".o_list_view .o_data_row"),
)
DIGEST = "!!document.querySelector('.o_kpi_home_news')"
OPEN_CENTRE = """
    document.querySelector(".o_kpi_centre_toggler").click();
    const row = () => document.querySelector(".o_kpi_centre .o_kpi_alert_row");
    for (let tries = 0; tries < 100 && !row(); tries++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    if (!row()) throw new Error(document.querySelector(".o_kpi_centre")?.outerHTML);
"""


@tagged("post_install", "-at_install")
class TestKpiAlertScreens(ScreenVisits, AxeMixin, AlertCase, HttpCase):
    """Screens of rules and alerts open, and axe-core finds nothing on them."""

    addon = "kpi_tracking_alert"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls._rule(cls.revenue, cls.complaints)
        cls.event = cls._fired(cls, cls.rule, cls.revenue)
        cls.other = cls._fired(cls, cls.rule, cls.complaints, severity="urgent")
        cls.event.addressee_ids = cls.officer
        cls.other.addressee_ids = cls.officer

    def _forms(self):
        dialog = self.env.ref("kpi_tracking_alert.kpi_smart_alert_view_form_quick")
        of_one = self._rule(self.revenue, name="Of one KPI")
        return (
            self._form(of_one, ".o_kpi_trial li", dialog),
            self._form(self.event, ".o_kpi_alert_chart canvas"),
            self._form(self.rule, ".o_kpi_rule_words"),
            self._form(self.revenue, "button[name=action_alert_me]"),
        )

    def test_lists_and_forms(self):
        self._visit((*LISTS, *self._forms()), "officer", *START)

    def test_lists_and_forms_in_dark(self):
        self._darken()
        self._visit((*LISTS, *self._forms()), "officer", *START)
        self._check("/odoo/kpi-home", ".o_kpi_home", DIGEST, "officer")

    def test_from_right_to_left(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.officer.lang = "ar_001"
        self._visit((*LISTS, *self._forms()), "officer", *START)

    def test_all_of_a_kpi_are_acknowledged_while_it_is_folded(self):
        self.start_tour(
            "/odoo/kpi-alerts", "kpi_tracking_alert.acknowledge_all", login="officer"
        )
        self.assertEqual(self.other.state, "acknowledged")
        self.assertEqual(self.event.state, "firing")

    def test_alert_me_adds_a_channel_to_the_alert_that_one_has(self):
        rules = self._as(self.officer, self.env["kpi.smart.alert"])
        action = self._as(self.officer, self.revenue).action_alert_me()
        rule = rules.with_context(**action["context"]).create({})
        rule.action_turn_on()
        self.start_tour(
            f"/odoo/kpi.report/{self.revenue.id}",
            "kpi_tracking_alert.second_channel",
            login="officer",
        )
        mine = [("owner_id", "=", self.officer.id), ("is_personal", "=", True)]
        self.assertEqual(rules.search(mine), rule)
        self.assertEqual(rule.route_ids.channel, "inbox")

    def test_an_alert_takes_two_clicks(self):
        self.start_tour(
            f"/odoo/kpi.report/{self.complaints.id}",
            "kpi_tracking_alert.alert_me",
            login="officer",
        )
        mine = [("owner_id", "=", self.officer.id), ("is_personal", "=", True)]
        rule = self.env["kpi.smart.alert"].search(mine)
        self.assertEqual(rule.report_ids, self.complaints)
        self.assertEqual((rule.state, rule.watched_for), ("on", "off_target"))

    def test_the_centre_below_its_counter(self):
        counter = "!!document.querySelector('.o_kpi_centre_count')"
        self._check(
            "/odoo/kpi-home", ".o_kpi_centre", counter, "officer", before=OPEN_CENTRE
        )

    def test_acknowledged_in_place_it_is_counted_no_more(self):
        code = f"""
            (async () => {{
                const badge = ".o_kpi_centre_count";
                const count = () => document.querySelector(badge)?.textContent;
                const until = async (isSo) => {{
                    for (let tries = 0; tries < 100 && !isSo(); tries++) {{
                        await new Promise((resolve) => setTimeout(resolve, 100));
                    }}
                    if (!isSo()) throw new Error(`${{isSo}}: ${{count()}}`);
                }};
                await until(() => count() === "2");
                {OPEN_CENTRE}
                document.querySelector(".o_kpi_alert_row .btn").click();
                await until(() => count() === "1");
                console.log("test successful");
            }})();
        """
        self.browser_js(
            "/odoo/kpi-home",
            code,
            ready="!!document.querySelector('.o_kpi_centre_toggler')",
            login="officer",
        )
        self.assertEqual((self.event | self.other).mapped("state").count("firing"), 1)
        self.assertEqual(self.other.state, "acknowledged")  # the worse one is first


@tagged("post_install", "-at_install")
class TestKpiAlertScreensOnPhone(ScreenVisits, AlertCase, HttpCase):
    """The centre opens as a sheet, alerts as cards."""

    browser_size = "390x844"
    touch_enabled = True
    addon = "kpi_tracking_alert"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rule = cls._rule(cls.revenue)
        cls._fired(cls, rule, cls.revenue).addressee_ids = cls.officer

    def test_the_centre_is_a_sheet(self):
        done = "console.log('test successful');"
        sheet = "if (!document.querySelector('.o_bottom_sheet .o_kpi_centre')) throw 1;"
        self.browser_js(
            "/odoo/kpi-home",
            f"(async () => {{ {OPEN_CENTRE} {sheet} {done} }})();",
            ready="!!document.querySelector('.o_kpi_home_counts')",
            login="officer",
        )
