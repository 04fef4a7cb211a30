import io
import json
from base64 import b64encode
from datetime import date
from unittest.mock import patch
from uuid import uuid4

from PIL import Image

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.kpi_base.tests.pictures import png_header

from .test_kpi_phone import NOW, PhoneCase

RECEIPTS = "odoo.addons.kpi_tracking_phone.models.kpi_phone_receipt"


def make_photo():
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(content, "JPEG")
    return content.getvalue()


class OutboxCase(PhoneCase):
    """An employee enters values of a KPI of theirs, on a phone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visits = cls._entered("Visits", {"2026-01": 10})
        cls.visits.owner_id = cls.user

    def _item(self, kind="entry", user=None, **values):
        user = user or self.user
        seen = {"state": "empty", "value": None}
        data = {"report_id": self.visits.id, "period": "2026-02-01", "value": 12}
        return {
            "uuid": str(uuid4()),
            "uid": user.id,
            "company_id": self.company.id,
            "kind": kind,
            "phone_time": "2026-03-10T09:00:00Z",
            "data": data | values.pop("data", {}),
            **({"seen": seen} if kind == "entry" else {}),
            **values,
        }

    def _flush(self, *items, user=None):
        with self._at(NOW):
            return self._phone(user or self.user).flush(list(items))

    def _value(self, day=date(2026, 2, 1)):
        facts = self.env["kpi.measurement"]
        own = [("report_id", "=", self.visits.id), ("period_start", "=", day)]
        return facts.search(own).mapped("value")

    def _assert_state(self, state, *items, **options):
        answers = self._flush(*items, **options)
        self.assertEqual([one["state"] for one in answers], [state] * len(items))
        return answers[-1]


@tagged("post_install", "-at_install")
class TestKpiPhoneReceipt(OutboxCase):
    """What a phone kept is done once, and overwrites nothing that was not seen."""

    def test_an_entry_that_comes_twice_is_done_once(self):
        item = self._item()
        first = self._assert_state("done", item)
        self.assertEqual(first["uuid"], item["uuid"])
        self.assertEqual(first["left"], {"state": "approved", "value": 12})
        self.assertEqual(self._value(), [12])
        again = {**item, "phone_time": "2026-03-11T09:00:00Z"}
        self.assertEqual(self._flush(again), [first])
        count = self.env["kpi.submission"].search_count(
            [("report_id", "=", self.visits.id)]
        )
        self.assertEqual(count, 1)

    def test_what_waits_and_what_changed_are_one_request(self):
        item = self._item()
        with self._at(NOW):
            answer = self._phone(self.user).exchange([item], {"card:99999": "x"})
        self.assertEqual([one["state"] for one in answer["answers"]], ["done"])
        self.assertEqual(answer["gone"], ["card:99999"])
        self.assertIn(f"card:{self.visits.id}", answer["rows"])

    def test_what_the_rights_were_missing_for_is_done_when_they_are_back(self):
        item = self._item()
        self.visits.owner_id = self.officer
        answer = self._assert_state("conflict", item)
        self.assertTrue(answer["is_withdrawn"])
        self.visits.owner_id = self.user
        self._assert_state("done", item)
        self.assertEqual(self._value(), [12])

    def test_the_server_stamps_the_time_and_keeps_the_phones(self):
        wrong = "2026-03-12T12:00:00Z"
        item = self._item(phone_time=wrong)
        self._assert_state("done", item)
        entry = self.env["kpi.submission"].search([("report_id", "=", self.visits.id)])
        self.assertEqual(str(entry.submitted_at), NOW)
        query = "SELECT phone_time FROM kpi_phone_receipt WHERE uuid = %s"
        self.env.cr.execute(query, (item["uuid"],))
        self.assertEqual(self.env.cr.fetchall(), [(wrong,)])

    def test_other_content_under_the_same_number_is_refused(self):
        item = self._item()
        self._assert_state("done", item)
        other = {**item, "data": {**item["data"], "value": 99}}
        self._assert_state("refused", other)
        self.assertEqual(self._value(), [12])

    def test_what_changed_since_it_was_seen_is_a_conflict(self):
        item = self._item()
        with self._at(NOW):
            self._as(self.officer, self.visits)._enter_value(date(2026, 2, 1), 20)
        answer = self._assert_state("conflict", item)
        self.assertEqual(self._value(), [20])
        theirs = answer["theirs"]
        self.assertEqual((theirs["value"], theirs["by"]), (20, self.officer.name))
        mine = self._item(
            seen=theirs, data={"note": "Counted again"}, after=item["uuid"]
        )
        self._assert_state("done", mine)
        self.assertEqual(self._value(), [12])

    def test_a_second_change_goes_on_from_the_first(self):
        first = self._item()
        data = {"value": 13, "note": "Late visit"}
        second = self._item(after=first["uuid"], data=data)
        self._assert_state("done", first, second)
        self.assertEqual(self._value(), [13])

    def test_one_bad_item_holds_up_no_other(self):
        bad = [
            {},
            {**self._item(), "uuid": "1'; DROP TABLE kpi_phone_receipt; --"},
            {**self._item(), "uuid": None},
            {**self._item(), "data": {"report_id": "x"}},
            {**self._item(), "more": 1},
            self._item("note", data={"text": "x" * 2_000}) | {"phone_time": "\0"},
        ]
        good = self._item()
        answers = self._flush(*bad, good)
        states = [one["state"] for one in answers]
        self.assertEqual(states, ["refused"] * len(bad) + ["done"])

    def test_what_only_a_later_version_knows_waits(self):
        self._assert_state("failed", self._item("dance"))

    def test_a_fault_is_tried_again(self):
        item, phone = self._item(), type(self.env["kpi.phone"])
        logger = "odoo.addons.kpi_tracking_phone.models.kpi_phone_receipt"
        with (
            patch.object(phone, "_take_entry", side_effect=ZeroDivisionError),
            self.assertLogs(logger, "ERROR"),
        ):
            self._assert_state("failed", item)
        self._assert_state("done", item)

    def test_what_cannot_be_entered_is_a_conflict(self):
        locked = self._item(data={"period": "2026-01-01", "value": 11})
        locked["seen"] = {"state": "known", "value": 10}
        self.visits.locked_until = date(2026, 1, 31)
        self.assertIn("locked", self._assert_state("conflict", locked)["message"])
        self._assert_state("conflict", self._item(data={"value": "twelve"}))
        self._assert_state("conflict", self._item(data={"value": None}))
        self._assert_state("conflict", self._item(data={"period": "2027-01-01"}))
        self._assert_state("conflict", self._item(data={"report_id": 99_999_999}))
        lost = self._item(data={"report_id": self.revenue.id})
        self._assert_state("conflict", lost)
        self.visits.active = False
        self._assert_state("conflict", self._item())
        self.assertEqual(self._value(), [])

    def test_an_unusual_value_is_asked_about(self):
        steady = {f"2025-{month:02}": 10 + month % 2 for month in range(1, 13)}
        self._fill(self.visits, steady)
        item = self._item(data={"value": 1200})
        answer = self._assert_state("conflict", item)
        self.assertTrue(answer["unusual"])
        sure = self._item(data={"value": 1200, "force": True})
        self._assert_state("done", sure)

    def test_numbers_are_read_as_the_phone_wrote_them(self):
        """1.234 is no thousand where the comma is decimal."""
        lang = self.env["res.lang"]._activate_lang("de_DE")
        self.user.lang = lang.code
        self.visits.definition_id.decimals = 3
        self._assert_state("done", self._item(data={"value": 1.234}))
        self.assertEqual(self._value(), [1.234])
        zero = self._item(data={"value": 0, "period": "2026-03-01"})
        self._assert_state("done", zero)
        self.assertEqual(self._value(date(2026, 3, 1)), [0])

    def test_what_others_entered_is_never_sent_as_mine(self):
        foreign = self._item(user=self.officer)
        self._assert_state("refused", foreign)
        self._assert_state("refused", {**self._item(), "company_id": 99_999_999})
        self.assertEqual(self._value(), [])

    def test_a_note_is_of_whoever_wrote_it(self):
        data = {"text": "Trade fair"}
        item = self._item("note", data=data)
        item["data"].pop("value")
        self._assert_state("done", item, item)
        note = self.env["kpi.annotation"].search([("text", "=", "Trade fair")])
        self.assertEqual(note.user_id, self.user)
        self.assertEqual(note.date, date(2026, 2, 1))
        large = self._item("note", data={"text": "x" * 100_000})
        large["data"].pop("value")
        self._assert_state("refused", large)

    def test_an_alert_is_acknowledged_once(self):
        event = self._fired(self._rule(self.visits), self.visits, "2026-01")
        alerts = self._sync(self.user)["rows"]["alerts"]["data"]
        self.assertIn(event.id, alerts[0]["waiting_ids"])
        snooze = {"event_id": event.id, "until": "2026-03-12T08:00:00.000Z"}
        self._assert_state("done", {**self._item("snooze"), "data": snooze})
        self.assertEqual(event.state, "snoozed")
        over = {**snooze, "until": "2026-03-10T08:00:00Z"}
        answer = self._assert_state("done", {**self._item("snooze"), "data": over})
        self.assertTrue(answer["message"])
        item = {**self._item("acknowledge"), "data": {"event_id": event.id}}
        self._assert_state("done", item, item)
        self.assertEqual(event.acknowledged_by_id, self.user)
        gone = {**self._item("acknowledge"), "data": {"event_id": 99_999_999}}
        self._assert_state("conflict", gone)

    def test_a_photo_comes_with_its_value(self):
        photo = b64encode(make_photo()).decode()
        item = self._item(data={"photo": photo})
        first = self._assert_state("done", item)
        self.assertEqual(self._flush(item), [first])
        entry = self.env["kpi.submission"].search([("report_id", "=", self.visits.id)])
        self.assertEqual(entry.attachment_ids.raw, make_photo())
        self.assertEqual(entry.attachment_ids.create_uid, self.user)

    def test_a_photo_that_is_none_is_refused_in_a_sentence(self):
        files = self.env["ir.attachment"].search_count([])
        for content, said in (
            (png_header(30_000), "50 megapixels"),
            (b"text", "This file is not a photo."),
            (make_photo() + b"\0" * 5_000_000, "The photo is too large."),
        ):
            item = self._item(data={"photo": b64encode(content).decode()})
            self.assertIn(said, self._assert_state("refused", item)["message"])
        self._assert_state("refused", self._item(data={"photo": "§"}))
        self.assertEqual(self.env["ir.attachment"].search_count([]), files)
        self.assertFalse(self._value())

    def test_a_conflict_stores_no_photo(self):
        self._assert_state("done", self._item())
        files = self.env["ir.attachment"].search_count([])
        photo = b64encode(make_photo()).decode()
        self._assert_state("conflict", self._item(data={"photo": photo, "value": 13}))
        self.assertEqual(self.env["ir.attachment"].search_count([]), files)

    def test_the_same_value_from_two_phones_is_no_conflict(self):
        self._assert_state("done", self._item())
        entries = self.env["kpi.submission"].search_count([])
        answer = self._assert_state("done", self._item())
        self.assertEqual(answer["left"], {"state": "approved", "value": 12})
        self.assertEqual(self.env["kpi.submission"].search_count([]), entries)

    def test_what_follows_an_item_that_failed_waits_for_it(self):
        first = self._item()
        second = self._item(
            after=first["uuid"], data={"value": 13, "note": "Late visit"}
        )
        phones = type(self.env["kpi.phone"])
        fail = patch.object(phones, "_take_entry", side_effect=ZeroDivisionError)
        with fail, mute_logger(RECEIPTS):
            self._assert_state("failed", first, second)
        self._assert_state("done", first, second)
        self.assertEqual(self._value(), [13])

    def test_photos_go_to_the_entry_and_only_ones_own(self):
        values = {"name": "p.jpg", "raw": b"x", "res_model": "kpi.value.entry"}
        files = self.env["ir.attachment"]
        own = self._as(self.user, files).create([values, values])
        foreign = self._as(self.officer, files).create(values)
        ids = [*own.ids, foreign.id, 99_999_999]
        self._assert_state("done", self._item(data={"attachment_ids": ids}))
        entry = self.env["kpi.submission"].search([("report_id", "=", self.visits.id)])
        self.assertEqual(entry.attachment_ids.ids, own.ids[::-1])
        self.assertEqual(foreign.res_model, "kpi.value.entry")

    def test_more_than_fits_is_refused(self):
        with self.assertRaises(UserError):
            self._flush(*[self._item()] * 1000)
        note = self._item("note", data={"text": "x" * 8_000_000})
        with self.assertRaises(UserError):
            self._flush(note)
        self.assertGreater(len(json.dumps(note)), 8_000_000)

    def test_receipts_go_after_sixty_days(self):
        item = self._item()
        self._assert_state("done", item)
        receipts = self.env["kpi.phone.receipt"]
        receipts._gc_receipts()
        found = receipts.with_user(self.user)._find(item["uuid"])
        self.assertEqual(found[1]["state"], "done")
        self.env.cr.execute(
            "UPDATE kpi_phone_receipt SET created_at = created_at - interval '61 days'"
        )
        receipts._gc_receipts()
        found = receipts.with_user(self.user)._find(item["uuid"])
        self.assertEqual(found, (None, None))
