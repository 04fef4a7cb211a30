"""The process map, by the reader's rights; what it counts is what it opens."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user, tagged

from ...models import kpi_tat_process_map, kpi_tat_request_log
from .event_log_case import EventLogCase

MAP = "kpi.tat.process.map"


@tagged("post_install", "-at_install")
@freeze_time("2026-06-01 12:00:00")
class TestKpiTatProcessMap(EventLogCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.maps = cls.env[MAP]

    def _map(self, **options):
        return self.maps.get_map(options)

    def _name_paths(self, drawn):
        names = {one["number"]: one["name"] for one in drawn["activities"]}
        return {
            (names.get(path["source"], -1), names.get(path["target"], -1)): path
            for path in drawn["paths"]
        }

    def test_the_map_counts_what_follows_on_what(self):
        self._import_log()
        drawn = self._map()
        self.assertEqual((drawn["case_count"], drawn["event_count"]), (2, 8))
        self.assertEqual(drawn["variant_count"], 2)
        paths = self._name_paths(drawn)
        self.assertEqual(
            {ends: path["count"] for ends, path in paths.items()},
            {
                (-1, "Ask"): 2,
                ("Ask", "Check"): 3,
                ("Check", "Ask"): 1,
                ("Check", "Approve"): 1,
                ("Check", "Refuse"): 1,
                ("Approve", -1): 1,
                ("Refuse", -1): 1,
            },
        )
        # 1 h, 66 h over the weekend, and at once
        self.assertEqual(paths["Ask", "Check"]["wall_seconds"], 3600)
        self.assertEqual(paths["Ask", "Check"]["case_count"], 2)
        self.assertEqual(paths["Check", "Ask"]["return_count"], 1)
        rework = {one["name"]: one["rework_count"] for one in drawn["activities"]}
        self.assertEqual(rework, {"Ask": 1, "Check": 1, "Approve": 0, "Refuse": 0})

    def test_too_many_events_are_refused_with_what_to_choose(self):
        self._import_log()
        with (
            patch.object(kpi_tat_request_log, "MOST_EVENTS", 7),
            self.assertRaisesRegex(UserError, "More than 7 events"),
        ):
            self._map()
        with patch.object(kpi_tat_request_log, "MOST_EVENTS", 8):
            self.assertEqual(self._map()["event_count"], 8)

    def test_working_time_is_that_of_the_calendar(self):
        self._import_log([
            ("1", "Ask", "2026-03-27 16:00:00", ""),
            ("1", "Check", "2026-03-30 10:00:00", ""),
        ])  # fmt: skip
        (path,) = (
            path for path in self._map()["paths"] if path["wall_seconds"] is not None
        )
        calendar = self.company.resource_calendar_id
        request = self._get_requests()
        hours = calendar.get_work_hours_count(request.submitted_at, request.decided_at)
        self.assertTrue(0 < hours < 66)
        self.assertAlmostEqual(path["worked_seconds"] / 3600, hours)

    def test_everything_that_is_counted_is_opened(self):
        self._import_log()
        drawn = self._map()
        behind = {(None, one["name"]): one["case_count"] for one in drawn["activities"]}
        behind |= {
            ends: path["case_count"] for ends, path in self._name_paths(drawn).items()
        }
        self.assertEqual(len(behind), 11)
        for (source, target), count in behind.items():
            action = self.maps.open_requests({}, {"source": source, "target": target})
            found = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(len(found), count, (source, target))

    def test_what_the_log_does_not_have_opens_nothing(self):
        self._import_log()
        action = self.maps.open_requests({}, {"source": "Ask", "target": "Sleep"})
        self.assertFalse(self.env[action["res_model"]].search(action["domain"]))

    def test_filters_choose_the_requests(self):
        self._import_log()
        self._import_log([("9", "Ask", "2026-05-04 09:00:00", "")], name="other.csv")
        choices = self.maps.get_choices()
        self.assertEqual(
            [(one["name"], one["count"]) for one in choices["templates"]],
            [("purchases", 2), ("other", 1)],
        )
        template = choices["templates"][1]["id"]
        for options, count in (
            ({}, 3),
            ({"template_id": template}, 1),
            ({"date_from": "2026-03-27"}, 2),
            ({"date_to": "2026-03-27"}, 1),
            ({"date_from": "2026-03-27", "date_to": "2026-05-01"}, 1),
            ({"date_from": "2026-05-05"}, 0),
        ):
            with self.subTest(options):
                self.assertEqual(self._map(**options)["case_count"], count)

    def test_of_very_many_requests_the_last_ones_are_drawn(self):
        self._import_log()
        with patch.object(kpi_tat_process_map, "MOST_REQUESTS", 1):
            drawn = self._map()
            self.assertEqual((drawn["case_count"], drawn["is_cut"]), (1, True))
            path = {"source": None, "target": "Ask"}
            action = self.maps.open_requests({}, path)
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found.mapped("number"), ["P2"])
        self.assertFalse(self._map()["is_cut"])

    def test_rare_paths_are_left_out_where_asked(self):
        self._import_log()
        drawn = self._map(share=50)
        self.assertEqual([one["name"] for one in drawn["activities"]], ["Ask", "Check"])
        self.assertEqual(drawn["hidden_activities"], 2)

    def test_readers_see_the_map_of_their_requests(self):
        self._import_log()
        user = new_test_user(
            self.env(user=1),
            "map_reader",
            "kpi_base.kpi_base_group_user",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        own = self.maps.with_user(user)
        self.assertEqual(own.get_map({})["case_count"], 0)
        self.assertEqual(
            own.get_choices(),
            {"templates": [], "departments": [], "date_from": "2026-04-01"},
        )
        followed = self._get_requests()[1]
        followed.sudo().message_subscribe(user.partner_id.ids)
        drawn = own.get_map({})
        self.assertEqual((drawn["case_count"], drawn["event_count"]), (1, 5))
        self.assertEqual([one["count"] for one in own.get_choices()["templates"]], [1])

    def test_wrong_options_are_refused(self):
        for options in (
            {"share": 0},
            {"share": 101},
            {"share": "80"},
            {"template_id": -1},
            {"template_id": "1"},
            {"date_from": "soon"},
            {"colour": "red"},
        ):
            with self.subTest(options), self.assertRaises(UserError):
                self.maps.get_map(options)
        for path in ({}, {"source": "a"}, {"source": -1, "target": -1}, {"target": 5}):
            with self.subTest(path), self.assertRaises(UserError):
                self.maps.open_requests({}, path)
