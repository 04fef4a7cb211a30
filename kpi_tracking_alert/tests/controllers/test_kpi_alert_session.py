from odoo.tests import tagged

from odoo.addons.kpi_base.tests.controllers.api_case import OwnCursorCase

from ..models.alert_case import AlertCase


@tagged("post_install", "-at_install")
class TestKpiAlertSession(AlertCase, OwnCursorCase):
    """The number of alerts that comes with the page."""

    def _count(self, companies):
        self.opener.cookies.set("cids", companies)
        answer = self.url_open("/web/session/get_session_info", json={})
        return answer.json()["result"]["kpi_waiting_alerts"]

    def test_alerts_of_the_chosen_companies_are_counted(self):
        other = self.env["res.company"].create({"name": "Second"})
        self.officer.company_ids |= other
        self.revenue.owner_id = self.officer
        self._fired(self._rule(self.revenue), self.revenue)
        self.authenticate(self.officer.login, self.officer.login)
        own, second = self.company.id, other.id
        for companies, count in (
            ("", 1),
            (f"{own}", 1),
            (f"{second}", 0),
            (f"{second}-{own}", 1),
            (f"{second}-99999999", 1),  # the web client falls back as well
        ):
            with self.subTest(companies):
                self.assertEqual(self._count(companies), count)
