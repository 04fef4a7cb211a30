from odoo.tests import tagged

from .dashboard_case import DashboardCase


@tagged("post_install", "-at_install")
class TestKpiDashboardPanel(DashboardCase):
    """The overview lists the dashboards of whoever looks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kpi.dashboard"].search([]).active = False

    def _panel(self, user):
        panels = self._as(user, self.env["kpi.home"])._get_panels()
        return panels.get("kpi_tracking_dashboard.dashboards")

    def test_favourites_come_first(self):
        first = self._dashboard(name="First")
        second = self._dashboard(name="Second")
        self._as(self.user, second).is_favorite = True
        self.assertEqual(
            self._panel(self.user),
            [
                {"id": second.id, "name": "Second", "is_favorite": True},
                {"id": first.id, "name": "First", "is_favorite": False},
            ],
        )
        names = [each["name"] for each in self._panel(self.manager)]
        self.assertEqual(names, ["First", "Second"])

    def test_what_one_does_not_see_is_not_listed(self):
        self._dashboard(group_ids=False, owner_id=self.user.id)
        self.assertTrue(self._panel(self.user))
        self.assertIsNone(self._panel(self.manager))

    def test_eight_at_most(self):
        for place in range(9):
            self._dashboard(name=f"Board {place}", sequence=place)
        names = [each["name"] for each in self._panel(self.user)]
        self.assertEqual(names, [f"Board {place}" for place in range(8)])
