from odoo.tests import TransactionCase, tagged

from ...fields import split_texts
from .tat_case import TatCase


class TestTexts(TransactionCase):
    """Lists of texts as one text."""

    def test_texts_are_split_and_joined(self):
        for text, texts in [
            ("", []),
            (False, []),
            ("email", ["email"]),
            ("email, sms", ["email", "sms"]),
            ("email,sms,email", ["email", "sms"]),
            (["email", "sms"], ["email", "sms"]),
            (" , email", ["email"]),
        ]:
            with self.subTest(text):
                self.assertEqual(split_texts(text), texts)
                self.assertEqual(split_texts(", ".join(texts)), texts)


@tagged("post_install", "-at_install")
class TestTextList(TatCase):
    """A list of texts in its column."""

    def _make_alert(self, channels):
        request = self._submit()
        row = self._get_row(request, self.ann)
        return self.env["kpi.tat.alert"].create(
            {
                "request_id": request.id,
                "level_id": row.id,
                "approver_id": self.ann.id,
                "alert_type": "TAT_50",
                "threshold_percentage": 50,
                "alert_sent_at": row.level_start_time,
                "alert_message": "Reminder",
                "notification_channels": channels,
            }
        )

    def _read_column(self, alert):
        self.env.flush_all()
        self.cr.execute(
            "SELECT notification_channels, pg_typeof(notification_channels)::text"
            " FROM tat_alerts WHERE id = %s",
            (alert.id,),
        )
        return self.cr.fetchone()

    def test_one_text_is_one_member(self):
        for given, stored in [
            ("email", ["email"]),
            ("email, sms", ["email", "sms"]),
            (["email", "sms"], ["email", "sms"]),
            (False, None),
        ]:
            with self.subTest(given):
                alert = self._make_alert(given)
                self.assertEqual(self._read_column(alert), (stored, "text[]"))
                alert.invalidate_recordset()
                self.assertEqual(
                    alert.notification_channels, ", ".join(stored or []) or False
                )

    def test_conditions_find_members(self):
        email = self._make_alert("email")
        both = self._make_alert("email, sms")
        none = self._make_alert(False)
        made = email | both | none
        for condition, expected in [
            (("=", "email"), email | both),
            (("=", "sms"), both),
            (("in", ["sms", "push"]), both),
            (("=", False), none),
            (("!=", "sms"), email | none),
            (("not in", ["email"]), none),
            (("in", [False, "sms"]), both | none),
            (("ilike", "SM"), both),
            (("not ilike", "sm"), email | none),
            (("=", "mail"), made.browse()),
        ]:
            operator, value = condition
            domain = [("notification_channels", operator, value)]
            with self.subTest(condition):
                found = made.search([*domain, ("id", "in", made.ids)], order="id")
                self.assertEqual(found, expected)
                self.assertEqual(made.filtered_domain(domain), expected)

    def test_exports_and_imports(self):
        alert = self._make_alert(["email", "sms"])
        rows = alert.export_data(["notification_channels"])["datas"]
        self.assertEqual(rows, [["email, sms"]])
        alert.write({"notification_channels": "sms"})
        self.assertEqual(self._read_column(alert)[0], ["sms"])
        self.assertEqual(
            alert.read(["notification_channels"])[0]["notification_channels"], "sms"
        )
        result = alert.load(
            [".id", "notification_channels"], [[str(alert.id), "push, sms"]]
        )
        self.assertFalse(result["messages"])
        self.assertEqual(self._read_column(alert)[0], ["push", "sms"])
