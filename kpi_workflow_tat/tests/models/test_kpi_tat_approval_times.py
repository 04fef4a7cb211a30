"""The page Approval Times says what its reports say, to each by their rights."""

from collections import Counter
from statistics import median

from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .report_case import OPEN, ReportCase
from .tat_case import TatCase
from .test_kpi_tat_views import judge

TIMES = "kpi.tat.approval.times"
ALL = {"period": "custom", "date_from": "2026-01-01", "date_to": "2026-04-01"}
LATE = "2026-03-24 12:00:00"  # 13:00 in Brussels: one of 6 hours too late
SECTIONS = (
    "approvers",
    "months",
    "late",
    "outcomes",
    "priorities",
    "reminders",
    "steps",
    "engagement",
)


@tagged("post_install", "-at_install")
class TestKpiTatApprovalTimes(ReportCase):
    """Of 200 requests, against plain Python."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = cls._make_user("times", "officer")
        cls.officer.tz = "UTC"
        cls.env.flush_all()

    def _times(self, user=None):
        user = user or self.officer
        times = self.env[TIMES].with_user(user)
        return times.with_context(allowed_company_ids=user.company_ids.ids)

    def _get_page(self, user=None, **options):
        return self._times(user).get_page({**ALL, **options})

    def _get_judged(self, levels=None):
        real = self._get_real(self.levels if levels is None else levels)
        return [(one, judge(one)) for one in real if judge(one) is not None]

    def _search_list(self, action, user=None):
        """The rows that the web client shows of an action, with its filters."""
        user = user or self.officer
        context, domain = dict(action["context"]), action["domain"] or []
        if isinstance(domain, str):
            domain = safe_eval(domain)
        rows = self.env[action["res_model"]].with_user(user)
        arch = etree.fromstring(rows.get_view(view_type="search")["arch"])
        filters = {node.get("name"): node for node in arch.iter("filter")}
        for name in [key for key in context if key.startswith("search_default_")]:
            del context[name]
            node = filters[name.removeprefix("search_default_")]
            domain = [*domain, *safe_eval(node.get("domain") or "[]")]
            context |= safe_eval(node.get("context") or "{}")
        companies = {"allowed_company_ids": user.company_ids.ids}
        return rows.with_context(**companies, **context).search(domain)

    def test_figures(self):
        figures = self._get_page()["figures"]
        judged = self._get_judged()
        met = sum(in_time for _level, in_time in judged)
        self.assertEqual(
            (figures["in_time"]["met"], figures["in_time"]["count"]),
            (met, len(judged)),
        )
        self.assertLess(figures["in_time"]["low"], met / len(judged))
        self.assertGreater(figures["in_time"]["high"], met / len(judged))

        decided = [level for level, _ok in judged if level["decided_at"]]
        hours = median(level["elapsed_seconds"] for level in decided) / 3600
        self.assertAlmostEqual(figures["response"]["hours"], hours, 3)
        self.assertEqual(figures["response"]["least"], 10)
        self.assertEqual(figures["response"]["most"], 10)

        real = self._get_real(self.requests)
        waiting = {one["id"] for one in real if one["status"] in OPEN}
        overdue = {
            level["request_id"]
            for level in self._get_real(self.levels)
            if level["clock"] == "running" and level["tat_breached"]
        }
        self.assertEqual(
            figures["waiting"],
            {"count": len(waiting), "overdue": len(waiting & overdue)},
        )

    def test_months(self):
        late = Counter(
            f"{level['overdue_at']:%Y-%m}-01"
            for level, in_time in self._get_judged()
            if not in_time
        )
        rows = self._get_page()["months"]["rows"]
        found = {row["start"]: row["late"] for row in rows}
        self.assertEqual({key: count for key, count in found.items() if count}, late)
        self.assertEqual(next(iter(found)), "2026-01-01")
        overdue = self._get_page()["figures"]["overdue"]
        self.assertEqual(overdue["count"], late.get(overdue["month"], 0))
        for row in rows:
            action = self._times().open_list(ALL, "late", {"month": row["start"]})
            with self.subTest(row["start"]):
                self.assertTrue(action["display_name"].startswith("Breaches – "))
                self.assertEqual(len(self._search_list(action)), row["late"])

    def test_approvers(self):
        section = self._get_page()["approvers"]
        people = {user.id: user.name for user in self.people}
        judged, waiting = {}, Counter()
        for level in self._get_real(self.levels):
            key = level["company_id"], level["approver_id"]
            waiting[key] += level["clock"] == "running"
            if judge(level) is not None:
                judged.setdefault(key, []).append(judge(level))
        self.assertEqual(section["count"], len(judged))
        for row in section["rows"]:
            key = row["company_id"], row["approver_id"]
            own = judged[key]
            self.assertEqual(row["name"], people[row["approver_id"]])
            self.assertEqual(row["count"], len(own))
            self.assertAlmostEqual(row["ratio"], sum(own) / len(own))
            self.assertEqual(row["waiting"], waiting[key])
            self.assertLess(row["range"][0], row["range"][1])
            part = {"approver_id": key[1], "company_id": key[0]}
            action = self._times().open_list(ALL, "decisions", part)
            self.assertEqual(action["display_name"], f"Decisions – {row['name']}")
            self.assertEqual(len(self._search_list(action)), len(own))
        ratios = [row["ratio"] for row in section["rows"]]
        self.assertEqual(ratios, sorted(ratios, reverse=True))
        self.assertIsNone(section["goal"])

    def test_lists_hold_what_sections_count(self):
        page = self._get_page()
        late = page["late"]["count"]
        counts = {
            "aging": page["figures"]["waiting"]["count"],
            "approvers": page["approvers"]["count"],
            "decisions": page["figures"]["in_time"]["count"],
            "late": late,
            "reminders": sum(row["count"] for row in page["reminders"]["rows"]),
        }
        for name, count in counts.items():
            action = self._times().open_list(ALL, name)
            with self.subTest(name):
                self.assertEqual(len(self._search_list(action)), count)
        for name in ("delays", "departments", "engagement", "lifecycle", "trends"):
            action = self._times().open_list(ALL, name)
            with self.subTest(name):
                self.assertTrue(self._search_list(action))
        for row in page["priorities"]["rows"]:
            part = {"priority": row["priority"]}
            action = self._times().open_list(ALL, "decisions", part)
            self.assertEqual(action["display_name"], f"Decisions – {row['name']}")
            self.assertEqual(len(self._search_list(action)), row["count"])

    def test_outcomes_are_those_of_the_template_with_most_requests(self):
        section = self._get_page()["outcomes"]
        self.assertEqual(section["template_id"], self.template.id)
        real = [one for one in self._get_real(self.requests) if one["submitted_at"]]
        self.assertEqual(section["count"], len(real))
        self.assertEqual(sum(end["count"] for end in section["ends"]), len(real))
        for end in section["ends"]:
            action = self._times().open_requests(ALL, end["outcome"])
            requests = self.env["kpi.tat.request"].search(action["domain"])
            with self.subTest(end["outcome"]):
                self.assertEqual(len(requests), end["count"])
        everything = self._times().open_requests(ALL, "")
        found = self.env["kpi.tat.request"].search_count(everything["domain"])
        self.assertEqual(found, len(real))

    def test_filters_hold_for_all_sections(self):
        support = self.departments[1]
        own = [one for one in self.requests if one["department_id"] == support.id]
        ids = {one["id"] for one in own}
        levels = [one for one in self.levels if one["request_id"] in ids]
        page = self._get_page(department_id=support.id)
        judged = self._get_judged(levels)
        self.assertTrue(judged)
        self.assertEqual(page["figures"]["in_time"]["count"], len(judged))
        self.assertEqual(
            sum(row["count"] for row in page["approvers"]["rows"]), len(judged)
        )
        alerts = self._get_real(
            [one for one in self.alerts if one["request_id"] in ids]
        )
        self.assertEqual(
            sum(row["count"] for row in page["reminders"]["rows"]), len(alerts)
        )
        submitted = [one for one in self._get_real(own) if one["submitted_at"]]
        self.assertEqual(page["outcomes"]["count"], len(submitted))
        asked = {**ALL, "department_id": support.id}
        action = self._times().open_list(asked, "decisions")
        self.assertEqual(action["display_name"], "Decisions – Support")
        self.assertEqual(len(self._search_list(action)), len(judged))

        # A department contains those below it.
        above = self.env["hr.department"].create(
            {"name": "All", "company_id": self.company.id}
        )
        support.parent_id = above
        self.env.flush_all()
        whole = self._get_page(department_id=above.id)
        self.assertEqual(whole["figures"], page["figures"])

    def test_a_template_without_requests_is_empty(self):
        other = self._make_template()
        page = self._get_page(template_id=other.id)
        self.assertTrue(page["is_empty"])
        self.assertFalse(any(page[name] for name in SECTIONS))
        self.assertFalse(self._get_page()["is_empty"])

    def test_people_see_what_the_reports_show_them(self):
        ann = self.people[0]
        ann.tz = "UTC"
        page = self._get_page(ann)
        rows = page["approvers"]["rows"]
        self.assertEqual({row["approver_id"] for row in rows}, {ann.id})
        seen = self.env["kpi.tat.compliance"].with_user(ann)
        seen = seen.with_context(allowed_company_ids=ann.company_ids.ids)
        judged = seen.search_count([("outcome", "in", ["met", "breached"])])
        self.assertEqual(page["figures"]["in_time"]["count"], judged)
        self.assertLess(judged, len(self._get_judged()))
        self.assertFalse(page["priorities"]["has_list"])

        stranger = self._get_page(self._make_user("times-nobody"))
        self.assertTrue(stranger["is_empty"])
        self.assertFalse(any(stranger[name] for name in SECTIONS))

    def test_names_of_what_one_does_not_see_stay_hidden(self):
        stranger = self._make_user("times-stranger")
        asked = {**ALL, "template_id": self.template.id}
        action = self._times(stranger).open_list(asked, "late")
        self.assertEqual(action["display_name"], "Breaches")

    def test_the_number_of_statements_does_not_depend_on_that_of_rows(self):
        short = {**ALL, "date_from": "2026-03-01"}
        self._get_page()  # what is looked up once
        counts = {}
        for name, options in (("few", short), ("many", ALL)):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            page = self._times().get_page(options)
            counts[name] = self.cr.sql_log_count - before
            # No drawn clock has a moment at which it was stopped.
            shown = set(SECTIONS) - {"steps"}
            self.assertTrue(all(page[section] for section in shown))
        self.assertEqual(counts["few"], counts["many"])

    def test_files_are_those_of_the_page(self):
        asked = {**ALL, "template_id": self.template.id}
        url = self._times().download(asked, "csv")["url"]
        self.assertTrue(
            url.startswith("/kpi_workflow_tat/report/kpi.tat.compliance/csv?")
        )
        self.assertIn("tat-decisions", url)
        self.assertIn(f"{self.template.id}", url)
        log = self._times().download(asked, "xes")["url"]
        self.assertTrue(log.startswith("/kpi_workflow_tat/log/xes?"))

    def test_wrong_options_are_refused(self):
        for options in (
            {"period": "always"},
            {"period": "custom", "date_from": "soon"},
            {"template_id": "1"},
            {"template_id": -1},
            {"department_id": 2**40},
            {"colour": "red"},
        ):
            with self.subTest(options), self.assertRaises(UserError):
                self._times().get_page(options)
        for name, part in (
            ("rubbish", {}),
            ("late", {"approver_id": "1"}),
            ("late", {"month": "May"}),
            ("late", {"rubbish": 1}),
        ):
            with self.subTest(name=name, part=part), self.assertRaises(UserError):
                self._times().open_list(ALL, name, part)
        with self.assertRaises(UserError):
            self._times().download(ALL, "exe")


@tagged("post_install", "-at_install")
class TestKpiTatApprovalTimesWords(TatCase):
    """What titles say, and the reason of a late decision."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.olga.group_ids = cls.env.ref("kpi_base.kpi_base_group_officer")
        cls.cr.execute("DELETE FROM workflow_requests")
        cls.env.invalidate_all()
        cls.workload = cls.env.ref("kpi_base.kpi_approval_delay_reason_workload")

    def _get_page(self, user=None, **options):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env[TIMES].with_user(user or self.olga).get_page(options)

    def _decide_late(self):
        request = self._submit()
        with self._at(LATE):
            request.with_user(self.ann).action_approve()
        return self._get_row(request, self.ann)

    def test_a_company_without_requests_on_the_first_day_of_a_month(self):
        with self._at("2026-03-01 00:30:00"):
            page = self._get_page()
        self.assertTrue(page["is_empty"])
        self.assertEqual(page["days"], ["2026-01-01", "2026-03-01"])
        self.assertEqual(page["figures"]["in_time"]["count"], 0)
        self.assertIsNone(page["figures"]["response"]["hours"])
        self.assertEqual(page["figures"]["overdue"]["count"], 0)
        self.assertFalse(any(page[name] for name in SECTIONS))

    def test_titles_say_what_was_found(self):
        row = self._decide_late()
        with self._at(LATE):
            page = self._get_page()
        self.assertEqual(page["approvers"]["title"], "Ann decided 0 of 1 in time")
        self.assertEqual(page["months"]["title"], "Late decisions by month")
        self.assertEqual(page["figures"]["overdue"]["title"], "Overdue in March")
        self.assertEqual(
            page["figures"]["overdue"]["note"], "0 in February, 0 in January"
        )
        title = "Purchase: 0 of 1 approved on first submission"
        self.assertEqual(page["outcomes"]["title"], title)
        self.assertEqual(page["priorities"]["title"], "All requests: Standard")
        self.assertEqual(page["engagement"]["title"], "0 comments on 1 request")
        self.assertIn("takes longest", page["steps"]["title"])
        (late,) = page["late"]["rows"]
        self.assertEqual(late["id"], row.id)
        self.assertEqual((late["hours"], late["is_open"]), (1.0, False))
        self.assertEqual(late["reason"], "Not given")

    def test_months_end_with_the_page(self):
        with self._at("2026-03-31 13:00:00"):  # 15:00 in Brussels
            request = self._submit()
            request.with_user(self.ann).action_approve()
            page = self._get_page()
        row = self._get_row(request, self.ann)
        self.assertEqual(row.overdue_at.month, 4)
        self.assertEqual(page["months"]["rows"][-1]["start"], "2026-03-01")
        self.assertEqual(page["figures"]["overdue"]["title"], "Overdue in March")

    def test_what_is_late_and_still_open(self):
        self._submit()
        with self._at(LATE):
            self._sweep()
            page = self._get_page()
        (late,) = page["late"]["rows"]
        self.assertEqual((late["hours"], late["is_open"]), (1.0, True))
        self.assertEqual((late["reason"], late["can_explain"]), ("", False))
        self.assertEqual(page["figures"]["waiting"], {"count": 1, "overdue": 1})
        (approver,) = page["approvers"]["rows"]
        self.assertEqual((approver["count"], approver["waiting"]), (1, 1))

    def test_the_goal_is_the_target_of_the_company(self):
        self._decide_late()
        company = self.olga.company_id
        definition = self.env["kpi.definition"].create(
            {
                "name": "TAT Compliance",
                "code": "tat_compliance",
                "company_id": company.id,
                "unit": "percent",
            }
        )
        kpi = definition._track_for("company", company, company_id=company.id)
        self.env.flush_all()
        self.cr.execute(
            "UPDATE kpi_report SET target_value = 90 WHERE id = %s", [kpi.id]
        )
        with self._at(LATE):
            self.assertEqual(self._get_page()["approvers"]["goal"], 0.9)

    # Delay reasons that are added later

    def _open_dialog(self, row, user):
        action = row.with_user(user).action_add_delay_reason()
        dialogs = self.env[action["res_model"]].with_user(user)
        return dialogs.with_context(**action["context"]).create({})

    def test_the_approver_and_officers_can_add_a_reason(self):
        for user in (self.ann, self.olga):
            row = self._decide_late()
            with self._at(LATE):
                rows = self._get_page(user)["late"]["rows"]
                own = next(one for one in rows if one["id"] == row.id)
                self.assertTrue(own["can_explain"])
                dialog = self._open_dialog(row, user)
                with self.assertRaisesRegex(ValidationError, "Choose a delay reason"):
                    dialog.action_confirm()
                dialog.write({"delay_reason_id": self.workload.id, "delay_note": " x "})
                dialog.action_confirm()
            self.assertEqual(row.delay_reason_id, self.workload)
            self.assertEqual(row.delay_note, "x")
            entry = self.env["kpi.audit.log"].search(
                [
                    ("model", "=", "kpi.tat.request"),
                    ("res_id", "=", row.request_id.id),
                    ("event_type", "=", "approval_explained"),
                ]
            )
            self.assertEqual(entry.user_id, user)
            self.assertIn('"delay_reason":"Workload"', entry.text.replace(" ", ""))
            titles = [one["title"] for one in row.request_id.get_timeline()]
            self.assertIn("Delay reason added", titles)

    def test_a_reason_is_added_once(self):
        row = self._decide_late()
        dialog = self._open_dialog(row, self.ann)
        dialog.delay_reason_id = self.workload
        dialog.action_confirm()
        again = self._open_dialog(row, self.ann)
        again.delay_reason_id = self.workload
        with self.assertRaisesRegex(UserError, "late decision without one"):
            again.action_confirm()

    def test_others_cannot_add_a_reason(self):
        row = self._decide_late()
        with self._at(LATE):
            rows = self._get_page(self.ina)["late"]["rows"]
        self.assertEqual([one["can_explain"] for one in rows], [False])
        dialog = self._open_dialog(row, self.ina)
        dialog.delay_reason_id = self.workload
        with self.assertRaisesRegex(UserError, "Only the approver"):
            dialog.action_confirm()
        with self.assertRaises(AccessError):
            row.with_user(self.zoe).action_add_delay_reason()
        self.assertFalse(row.delay_reason_id)

    def test_a_decision_in_time_needs_no_reason(self):
        request = self._submit()
        with self._at("2026-03-23 15:00:00"):
            request.with_user(self.ann).action_approve()
        row = self._get_row(request, self.ann)
        self.assertFalse(row.with_user(self.ann)._filter_unexplained())
