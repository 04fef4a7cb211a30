from lxml import etree

from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from ...models.kpi_tat_process_map import FIRST_DAY
from ...report.kpi_tat_view import DATES, PERIODS
from .tat_case import TatCase
from .test_kpi_tat_views import find_screens

OF_MOMENT = "kpi.tat.workflow.aging"  # what is open now, however old it is
DEFAULT = "last_3_months"
CASES = (  # now in UTC, zone of the reader; beginnings of what the filters show
    (
        "2026-03-01 00:30:00",
        "UTC",
        ("2026-03-01", "2026-02-01", "2026-01-01", "2026-01-01", "2025-04-01"),
    ),
    (
        "2026-12-31 12:00:00",
        "UTC",
        ("2026-12-01", "2026-11-01", "2026-10-01", "2026-01-01", "2026-01-01"),
    ),
    (
        "2028-02-29 12:00:00",
        "UTC",
        ("2028-02-01", "2028-01-01", "2027-12-01", "2028-01-01", "2027-03-01"),
    ),
    # in Auckland April has begun, half a day before UTC; May began in winter
    (
        "2026-03-31 13:00:00",
        "Pacific/Auckland",
        (
            "2026-03-31 11:00:00",
            "2026-02-28 11:00:00",
            "2026-01-31 11:00:00",
            "2025-12-31 11:00:00",
            "2025-04-30 12:00:00",
        ),
    ),
)


@tagged("post_install", "-at_install")
class TestKpiTatViewPeriods(TatCase):
    """All lists of reports have the same periods, and open with the same one."""

    def _find_filters(self, model):
        """Context of each filter of a period, by its name."""
        view = self.env[model].get_view(view_type="search")
        nodes = etree.fromstring(view["arch"]).iter("filter")
        return {
            node.get("name"): safe_eval(node.get("context"))
            for node in nodes
            if node.get("name") in PERIODS
        }

    def test_all_lists_open_with_the_same_period(self):
        filters = self._find_filters("kpi.tat.lifecycle")
        expected = {
            name: {each: day for each, day in zip(DATES, bounds, strict=True) if day}
            for name, bounds in PERIODS.items()
        }
        self.assertEqual(filters, expected)
        self.assertEqual(filters[DEFAULT], {"kpi_tat_date_from": FIRST_DAY})
        for screen in find_screens(self.env):
            is_of_moment = screen.res_model == OF_MOMENT
            with self.subTest(screen.name):
                context = safe_eval(screen.context)
                opened = context.get(f"search_default_{DEFAULT}", 0)
                self.assertEqual(opened, 0 if is_of_moment else 1)
                found = self._find_filters(screen.res_model)
                self.assertEqual(found, {} if is_of_moment else filters)

    def test_each_filter_begins_with_a_month(self):
        filters = self._find_filters("kpi.tat.lifecycle")
        for now, zone, expected in CASES:
            with self.subTest(now), self._at(now):
                self.env.user.tz = zone
                starts, stops = {}, {}
                for name, context in filters.items():
                    rows = self.env["kpi.tat.view"].with_context(**context, tz=zone)
                    start, stop = rows._get_period()
                    starts[name] = str(start).removesuffix(" 00:00:00")
                    stops[name] = stop and str(stop).removesuffix(" 00:00:00")
                self.assertEqual(tuple(starts[name] for name in PERIODS), expected)
                self.assertEqual(stops["last_month"], starts["this_month"])

    def test_steps_of_a_request_are_shown_whatever_the_period(self):
        """Of one submitted in March, opened from a report of another month."""
        request = self._submit()
        self.env.flush_all()
        action = self.env.ref("kpi_workflow_tat.kpi_tat_lifecycle_action_request")
        before = {"kpi_tat_date_from": "2026-01-01", "kpi_tat_date_to": "2026-02-01"}
        rows = self.env["kpi.tat.lifecycle"]
        own = [("request_id", "=", request.id)]
        self.assertFalse(rows.with_context(**before).search(own))
        opened = {**before, **safe_eval(action.context)}
        self.assertTrue(rows.with_context(**opened).search(own))
