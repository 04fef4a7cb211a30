import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.kpi_base.tests.hostile_html import HOSTILE
from odoo.addons.kpi_tracking.tests.models.entry_case import TODAY, KpiEntryCase
from odoo.addons.kpi_tracking_alert.tests.models.alert_case import AlertCase
from odoo.addons.kpi_tracking_dashboard.engine.output.shown import ShownTile

from ...models.kpi_phone import MOST_KNOWN, _write_tile, make_digest

NOW = "2026-03-11 12:00:00"


class PhoneCase(AlertCase):
    """Phones of an officer, a manager and an employee on 11 March 2026."""

    def _phone(self, user):
        return self._as(user, self.env["kpi.phone"])

    def _sync(self, user, known=None):
        with self._at(NOW):
            return self._phone(user).sync(known or {})


@tagged("post_install", "-at_install")
class TestKpiPhone(PhoneCase):
    """What a phone keeps, and that it gets no more than what differs."""

    def test_what_a_phone_has_is_not_sent_again(self):
        first = self._sync(self.officer)
        known = {key: row["digest"] for key, row in first["rows"].items()}
        self.assertIn(f"card:{self.revenue.id}", known)
        again = self._sync(self.officer, known)
        self.assertEqual((again["rows"], again["gone"]), ({}, []))
        self._fill(self.revenue, {"2026-03": 50})
        changed = self._sync(self.officer, known)["rows"]
        self.assertEqual([*changed], [f"card:{self.revenue.id}"])
        row = changed[f"card:{self.revenue.id}"]
        self.assertEqual(row["digest"], make_digest(row["data"]))

    def test_a_card_has_two_years_in_the_words_of_its_reader(self):
        card = self._sync(self.officer)["rows"][f"card:{self.revenue.id}"]["data"]
        self.assertEqual((card["value"], card["status"]), (90, "at_risk"))
        self.assertEqual(card["status_label"], "At risk")
        self.assertIn("90", card["formatted"])
        self.assertEqual(card["comparison"], "−10% vs target")
        self.assertEqual(len(card["periods"]), 24)
        february = card["periods"][-2]
        self.assertEqual(
            (february["period_start"], february["value"], february["status"]),
            ("2026-02-01", 90, "at_risk"),
        )
        self.assertEqual(card["periods"][0]["period_start"], "2024-04-01")

    def test_what_somebody_may_not_see_is_gone(self):
        """An employee who sees no KPI of the company, whatever their phone names."""
        ids = (self.revenue.id, self.complaints.id, 99_999_999, 2**40)
        kinds = ("card", "history", "dashboard")
        known = {f"{kind}:{id_}": "x" for kind in kinds for id_ in ids}
        answer = self._sync(self.user, {**known, "x\0'; --": "\0", "card:-1": ""})
        self.assertEqual(set(answer["gone"]), {*known, "x\0'; --", "card:-1"})
        text = json.dumps(answer["rows"])
        self.assertNotIn("Revenue", text)
        self.assertNotIn("card:", text)
        me = answer["me"]
        self.assertEqual((me["uid"], me["tz"]), (self.user.id, "UTC"))

    def test_it_says_which_models_of_screens_may_be_read(self):
        readable, hidden = "model:kpi.report", {"model:kpi.api.log", "model:x"}
        answer = self._sync(self.user, dict.fromkeys((readable, *hidden), ""))
        self.assertIs(answer["rows"][readable]["data"], True)
        self.assertEqual(set(answer["gone"]), hidden)

    def test_more_keys_than_a_phone_has_are_refused(self):
        known = {f"card:{number}": "x" for number in range(1, MOST_KNOWN + 2)}
        with self.assertRaises(UserError):
            self._sync(self.officer, known)

    def test_a_history_is_drawn_and_explained(self):
        key = f"history:{self.revenue.id}"
        found = self._sync(self.officer, {key: ""})["rows"][key]["data"]
        self.assertIn("<svg", found["svg"])
        self.assertEqual(found["points"][-1]["value"], 90)
        self.assertTrue(found["explain"])
        self.assertEqual(found["finding"], "Feb 2026 missed its target by 10%")
        self.assertLessEqual(len(found["points"]), 24)

    def test_a_line_does_not_fall_to_nothing_on_the_first_day(self):
        key = f"history:{self.revenue.id}"
        self._fill(self.revenue, {"2026-03": 0})
        drawn = {}
        for day in ("01", "02"):
            with self._at(f"2026-03-{day} 12:00:00"):
                row = self._phone(self.officer).sync({key: ""})["rows"][key]
            drawn[day] = row["data"]
        for found in drawn.values():
            self.assertEqual(found["points"][-1]["value"], 0)
        self.assertIn("Feb 2026 90</desc>", drawn["01"]["svg"])
        self.assertIn("Mar 2026 0</desc>", drawn["02"]["svg"])

    def test_a_dashboard_is_drawn_for_one_column(self):
        board = self.env["kpi.dashboard"].create(
            {
                "name": "Board",
                "owner_id": self.officer.id,
                "company_id": self.company.id,
            }
        )
        tile = {"dashboard_id": board.id, "kind": "line", "name": "Sold"}
        definitions = self.revenue.definition_id.ids
        self.env["kpi.dashboard.tile"].create(
            {
                **tile,
                "definition_ids": [(6, 0, definitions)],
                "definition_order": definitions,
            }
        )
        rows = self._sync(self.officer, {f"dashboard:{board.id}": ""})["rows"]
        listed = [one["id"] for one in rows["dashboards"]["data"]]
        self.assertIn(board.id, listed)
        (shown,) = rows[f"dashboard:{board.id}"]["data"]["tiles"]
        self.assertTrue(shown["title"].startswith("Sold"), shown["title"])
        self.assertIn("<svg", shown["svg"])

    def test_texts_of_a_dashboard_are_sanitised_again(self):
        hostile = "".join(HOSTILE.values())
        written = _write_tile(ShownTile(1, "text", "Words", html=hostile))
        self.assertIn("Amount: 5.00", written["html"])
        self.assertNotRegex(written["html"], "position|-500px|<form|<iframe")

    def test_a_value_that_is_due_can_be_entered(self):
        entries = self._sync(self.officer)["rows"]["entries"]["data"]
        mine = [one for one in entries if one["report_id"] == self.revenue.id]
        self.assertEqual(mine, [])  # others answer for it
        self.revenue.owner_id = self.user
        entries = self._sync(self.user)["rows"]["entries"]["data"]
        periods = {one["period"]: one["seen"] for one in entries}
        self.assertEqual(periods["2026-03-01"], {"state": "empty", "value": None})
        self.assertEqual(periods["2026-02-01"], {"state": "known", "value": 90})
        unit = {"kind": "number", "decimals": 0, "symbol": "", "durationUnit": "day"}
        self.assertLessEqual(unit.items(), entries[0]["unit"].items())

    def test_statements_do_not_grow_with_kpis(self):
        counts = []
        for number in (2, 8):
            for each in range(number):
                self._entered(f"More {number} {each}", {"2026-02": each})
            self._sync(self.officer)
            self.env.flush_all()
            self.env.invalidate_all()
            with self._at(NOW):
                before = self.env.cr.sql_log_count
                answer = self._phone(self.officer).sync({})
                counts.append(self.env.cr.sql_log_count - before)
        cards = [key for key in answer["rows"] if key.startswith("card:")]
        self.assertGreaterEqual(len(cards), 12)
        self.assertEqual(counts[0], counts[1])


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestKpiPhoneDecide(KpiEntryCase):
    """Approvals are decided as they were shown; questions, where something answers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report.definition_id.has_entry_approval = True

    def _phone(self, user):
        return self.env["kpi.phone"].with_user(user)

    def _find_row(self, user):
        (row,) = self._phone(user).sync({})["rows"]["approvals"]["data"]
        return row

    def _decide(self, user, row, decision="approve", **values):
        seen = values.get("seen", row["seen"])
        answer = self._phone(user).decide(row["step_id"], decision, "", seen)
        return answer["state"]

    def test_it_is_decided_once_and_by_who_is_asked(self):
        entry = self._enter(self.uma, 4)
        row = self._find_row(self.mia)
        self.assertEqual(row["document"], entry.display_name)
        self.assertEqual(row["asked_by"], self.uma.name)
        self.assertEqual(self._decide(self.ben, row), "conflict")
        self.assertEqual(self._decide(self.mia, row), "done")
        self.assertEqual(entry.state, "approved")
        self.assertEqual(self._decide(self.mia, row), "conflict")

    def test_who_asked_reads_in_the_morning_what_was_decided(self):
        entry = self._enter(self.uma, 4)
        home = self.env["kpi.home"].with_user(self.uma)
        day = fields.Date.to_date(TODAY)
        self.assertEqual(home._list_decided(day), [])
        self._decide(self.mia, self._find_row(self.mia))
        (item,) = home._list_decided(day)
        self.assertEqual(item["title"], "1 of your requests decided")
        self.assertEqual((item["model"], item["ids"]), (entry._name, entry.ids))
        self.assertEqual(home._list_decided(day + timedelta(days=1)), [])
        self.assertEqual(
            self.env["kpi.home"].with_user(self.ben)._list_decided(day), []
        )

    def test_a_decision_whose_answer_was_lost_is_found_and_made_once(self):
        entry = self._enter(self.uma, 4)
        row, uuid = self._find_row(self.mia), "11111111-1111-4111-8111-111111111111"
        asked = (row["step_id"], "approve", "", row["seen"], False, "", uuid)
        phone = self._phone(self.mia)
        self.assertEqual(phone.find_decisions([uuid, "\0"]), {})
        answer = phone.decide(*asked)
        self.assertEqual((answer["state"], answer["at"][-1]), ("done", "Z"))
        self.assertEqual(phone.decide(*asked), answer)
        self.assertEqual(phone.find_decisions([uuid]), {uuid: answer})
        self.assertEqual(self._phone(self.uma).find_decisions([uuid]), {})
        self.assertEqual(entry.state, "approved")

    def test_a_decision_that_was_not_made_may_come_again(self):
        self._enter(self.uma, 4)
        row, uuid = self._find_row(self.mia), "11111111-1111-4111-8111-111111111112"
        phone = self._phone(self.mia)
        asked = (row["step_id"], "approve", "", "00000000", False, "", uuid)
        self.assertEqual(phone.decide(*asked)["state"], "conflict")
        self.assertEqual(phone.find_decisions([uuid]), {})
        asked = (row["step_id"], "approve", "", row["seen"], False, "", uuid)
        self.assertEqual(phone.decide(*asked)["state"], "done")

    def test_nothing_is_decided_on_what_was_not_shown(self):
        entry = self._enter(self.uma, 4)
        row = self._find_row(self.mia)
        self.assertEqual(self._decide(self.mia, row, seen="00000000"), "conflict")
        self._enter(self.uma, 5)
        self.assertEqual(self._decide(self.mia, row), "conflict")
        self.assertEqual(entry.state, "submitted")

    def test_a_question_is_answered_or_nothing_is(self):
        answer = self._phone(self.otto).ask("What is my sales KPI?")
        self.assertEqual(bool(answer), "kpi.nlp.processor" in self.env)
