"""Requests as an event log in XES, which reads back equal."""

from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from odoo.exceptions import UserError
from odoo.tests import HttpCase, freeze_time, tagged

from ...engine.event_log import count_variants, measure_successions
from ...engine.ranges import write_ranges
from ...engine.xes import NAME, RESOURCE, TIME, read_xes
from ...models import kpi_tat_request_log
from ...report import kpi_tat_view
from .event_log_case import EventLogCase
from .tat_case import MONDAY_14, TatCase


def read_log(requests):
    content = b"".join(requests._write_xes())
    return [
        (case, event[NAME], event[TIME], event.get(RESOURCE))
        for case, _attributes, event in read_xes(content)
    ]


@tagged("post_install", "-at_install")
@freeze_time("2026-06-01 12:00:00")
class TestKpiTatLogFile(EventLogCase):
    def _build(self, requests):
        return requests._build_event_log([("id", "in", requests.ids)])

    def test_a_log_that_is_exported_and_imported_again_is_equal(self):
        self._import_log(approving="Approve", rejecting="Refuse")
        before = self._get_requests()
        self.assertEqual(before.mapped("status"), ["approved", "rejected"])
        self.cr.execute(
            "UPDATE workflow_requests SET status = 'closed' WHERE id = %s",
            before[0].ids,
        )
        self.env.invalidate_all()
        content = b"".join(before._write_xes())
        job = self._imported(content, name="again.xes")
        self.assertEqual(job.state, "done", job.error)
        after = self._get_requests() - before
        self.assertEqual(after.mapped("number"), before.mapped("number"))
        self.assertEqual(after.mapped("subject"), before.mapped("subject"))
        names = ("status", "approval_state", "submitted_at", "decided_at")
        for name in (*names, "cycle_hours"):
            self.assertEqual(after.mapped(name), before.mapped(name), name)
        for one, other in zip(before, after, strict=True):
            self.assertEqual(self._read_events(one), self._read_events(other))
        self.assertEqual(b"".join(after._write_xes()).count(b"<event>"), 8)
        first, second = self._build(before), self._build(after)
        self.assertEqual(count_variants(first), count_variants(second))
        self.assertEqual(measure_successions(first), measure_successions(second))

    def test_parts_of_a_second_are_exported_too(self):
        self._import_log([("1", "Ask", "2026-03-23T09:00:00.123456Z", "")])
        ((_case, _name, moment, _who),) = read_log(self._get_requests())
        self.assertEqual(moment, "2026-03-23T09:00:00.123456+00:00")

    def test_rows_of_a_report_are_exported_as_their_requests(self):
        self._import_log(rejecting="Refuse")
        volumes = self.env["kpi.tat.request.volume"].search([])
        self.assertEqual(len(volumes), 2)
        rejected = volumes.filtered(lambda row: row.status == "rejected")
        self.assertEqual(rejected._find_requests(), self._get_requests()[1])
        self.assertEqual(volumes._find_requests(), self._get_requests())
        engagement = self.env["kpi.tat.engagement"].search([])
        self.assertEqual(engagement._find_requests(), self._get_requests())
        most = len(volumes) - 1
        with (
            patch.object(kpi_tat_view, "MOST_ROWS", most),
            self.assertRaisesRegex(UserError, f"at most {most} rows"),
        ):
            volumes.action_export_xes()

    def test_too_many_separate_requests_are_refused_with_a_reason(self):
        self._import_log()
        requests = self._get_requests()
        short = len(write_ranges(requests.ids)) - 1
        with (
            patch.object(kpi_tat_request_log, "LONGEST_ADDRESS", short),
            self.assertRaisesRegex(UserError, "Too many requests"),
        ):
            requests.action_export_xes()


@tagged("post_install", "-at_install")
@freeze_time(MONDAY_14)
class TestKpiTatLogApproval(HttpCase, TatCase):
    def test_what_approvals_did_is_a_log(self):
        request = self._submit()
        for moment, user, act, *given in (
            ("2026-03-24 09:00:00", self.ann, "action_return", "More"),
            ("2026-03-25 09:00:00", self.ina, "action_submit"),
            ("2026-03-25 10:00:00", self.ann, "action_hold", "Wait"),
            ("2026-03-25 11:00:00", self.ann, "action_resume"),
            ("2026-03-25 12:00:00", self.ann, "action_approve"),
            ("2026-03-26 09:00:00", self.cy, "action_approve"),
        ):
            with self._at(moment):
                getattr(request.with_user(user), act)(*given)
        number = request.number
        found = read_log(request)
        self.assertEqual(
            [(event, moment[:19], who) for _case, event, moment, who in found],
            [
                ("Submitted", MONDAY_14.replace(" ", "T"), "Ina"),
                ("Level 1: sent back", "2026-03-24T09:00:00", "Ann"),
                ("Submitted", "2026-03-25T09:00:00", "Ina"),
                ("On hold", "2026-03-25T10:00:00", "Ann"),
                ("Resumed", "2026-03-25T11:00:00", None),
                ("Level 1: approved", "2026-03-25T12:00:00", "Ann"),
                ("Level 2: approved", "2026-03-26T09:00:00", "Cy"),
            ],
        )
        self.assertEqual({case for case, *_rest in found}, {number})

    def test_a_level_of_several_people_is_one_event(self):
        self.template = self._make_template([(self.ann, self.bo)], rule="all")
        request = self._submit()
        request.with_user(self.ann).action_approve()
        request.with_user(self.bo).action_approve()
        self.assertEqual(
            [event for _case, event, _moment, _who in read_log(request)],
            ["Submitted", "Level 1: approved"],
        )

    def test_the_file_holds_what_the_reader_sees(self):
        request = self._submit()
        action = request.action_export_xes()
        address = urlsplit(action["url"])
        self.assertEqual(parse_qs(address.query)["ids"], [str(request.id)])
        for user, count in ((self.ina, 1), (self.bo, 0)):
            self.authenticate(user.login, user.login)
            answer = self.url_open(action["url"])
            self.assertEqual(answer.status_code, 200)
            self.assertEqual(answer.content.count(b"<trace>"), count)

    def test_addresses_that_say_nothing_are_refused(self):
        self.authenticate(self.ina.login, self.ina.login)
        for query in ("", "ids=x", "ids=1&companies=x", "ids=1&companies=[true]"):
            answer = self.url_open(f"/kpi_workflow_tat/log/xes?{query}")
            self.assertEqual(answer.status_code, 400, query)
