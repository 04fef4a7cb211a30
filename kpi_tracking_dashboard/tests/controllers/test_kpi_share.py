import hashlib
import re
import time
from contextlib import contextmanager
from datetime import date, timedelta
from unittest.mock import patch

from lxml import html

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.modules.neutralize import neutralize_database
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.kpi_base.tests.controllers.api_case import OwnCursorCase
from odoo.addons.kpi_base.tests.user_links import end_connection

from ...models.output.kpi_dashboard_share import KpiDashboardShare

GROUP = "kpi_base.kpi_base_group_%s"
HOSTILE = "<script>alert('x')</script><b>bold</b>"
TIME = re.compile(r"\b\d{1,2}:\d\d\b")


@tagged("post_install", "-at_install")
class TestKpiShare(OwnCursorCase):
    """Pages of links, asked for without a session."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sharer = new_test_user(
            cls.env, "share_maker", GROUP % "manager", name="Sharer"
        )
        cls.other = new_test_user(cls.env, "share_other", GROUP % "user")
        cls.officer = new_test_user(cls.env, "share_officer", GROUP % "officer")
        cls.report = cls._report("Visits", owner_id=cls.sharer.id)
        cls.hidden = cls._report("Wages", owner_id=cls.officer.id)
        cls._record(cls.report, 4321.0)
        cls._record(cls.hidden, 98765.0)
        # Arranged by somebody who sees more than its owner.
        cls.dashboard = (
            cls.env["kpi.dashboard"]
            .create(
                {
                    "name": "Board",
                    "owner_id": cls.sharer.id,
                    "tile_ids": [
                        cls._tile("card", cls.report, 10),
                        cls._tile("gauge", cls.report, 20),
                        cls._tile("line", cls.report, 30),
                        cls._tile("card", cls.hidden, 40, name="Payroll"),
                        Command.create(
                            {
                                "kind": "text",
                                "sequence": 50,
                                "text": f"<p>Read this {HOSTILE}</p>",
                            }
                        ),
                    ],
                }
            )
            .with_user(cls.sharer)
        )
        cls.env.flush_all()

    @classmethod
    def _report(cls, name, **values):
        definition = cls.env["kpi.definition"].create(
            {
                "name": name,
                "code": f"share_{name.lower()}",
                "frequency": "month",
                "aggregation_time": "average",  # due on a first day, too
                "history_start": "2023-01-01",
            }
        )
        report = definition._track_for("company", cls.env.company)
        report.write(values)
        return report

    @classmethod
    def _record(cls, report, value):
        month = date.today().replace(day=1)
        months = [(month - timedelta(days=n)).replace(day=1) for n in (0, 1, 40)]
        rows = [(report.id, start, value) for start in months]
        cls.env["kpi.measurement"]._upsert("month", rows, source="external")
        cls.env.flush_all()

    @classmethod
    def _tile(cls, kind, report, sequence, **values):
        card = cls.env["kpi.dashboard.card"].search(
            [("card_style", "=", "metric")], limit=1
        )
        return Command.create(
            {
                "kind": kind,
                "card_id": card.id if kind == "card" else False,
                "sequence": sequence,
                "scope_mode": "fixed",
                "report_ids": report.ids,
                **values,
            }
        )

    def _link(self, user=None, days=30, **values):
        shares = self.env["kpi.dashboard.share"].with_user(user or self.sharer)
        address, share = shares._generate(
            self.dashboard.with_user(user or self.sharer),
            expires_on=date.today() + timedelta(days=days),
            **values,
        )
        self.env.flush_all()
        return address.partition(self.env["ir.config_parameter"].get_base_url())[
            2
        ], share.sudo()

    def _texts(self, path):
        """What stands on the page, as its visitor reads it."""
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200)
        return " ".join(html.fromstring(response.content).text_content().split())

    def _assert_gone(self, path):
        response = self.url_open(path)
        self.assertEqual(response.status_code, 404)
        self.assertEqual(response.content, self.url_open("/kpi/share/none").content)
        return response

    def test_page_shows_the_tiles_and_nothing_else(self):
        path, _share = self._link()
        text = self._texts(path)
        self.assertIn("Board", text)
        self.assertIn("Visits", text)
        self.assertIn("4,321", text)
        self.assertNotIn("Not available", text)
        self.assertNotIn("rights", text)
        source = self.url_open(path).text
        # each status is the chip
        chips = html.fromstring(source).xpath("//*[contains(@class, 'o_kpi_status ')]")
        self.assertTrue(chips)
        for chip in chips:
            self.assertEqual([part.tag for part in chip], ["svg", "span"])
        # A number without room in its column follows the head of it.
        numbers = html.fromstring(source).xpath("//td")
        self.assertTrue(numbers)
        self.assertTrue(all(number.get("data-head") for number in numbers))
        for secret in ("Wages", "Payroll", "98,765", "98765", "98.8"):
            self.assertNotIn(secret, source)
        for secret in (self.sharer.login, "report_id", "csrf", "session_info"):
            self.assertNotIn(secret, source)

    def test_the_head_counts_statuses_and_one_place_has_all_tables(self):
        target = {"report_id": self.report.id, "date_from": "2020-01-01"}
        self.env["kpi.target"].create({**target, "value": 4000.0})
        self.report._refresh_current()
        path, _share = self._link()
        page = html.fromstring(self.url_open(path).content)
        (head,) = page.find_class("o_kpi_share_counts")
        self.assertEqual(head.text_content().split(), ["1", "on", "track"])
        (chip,) = head.find_class("o_kpi_status")
        self.assertIn("o_kpi_status_success", chip.get("class"))
        (numbers,) = page.iter("details")  # not one per tile
        self.assertEqual(len(numbers.findall("section")), 3)  # card, gauge, line
        (button,) = page.iter("button")
        self.assertIsNotNone(button.get("hidden"))  # until the script is there
        # The status of a gauge is next to its title, once.
        (gauge,) = page.find_class("o_kpi_share_gauge")
        self.assertEqual(len(gauge.find_class("o_kpi_status")), 1)
        self.assertEqual(gauge.text_content().count("On track"), 1)

    def test_notes_are_told_without_their_authors(self):
        self.env["kpi.annotation"].with_user(self.sharer).create(
            {
                "report_id": self.report.id,
                "date": date.today().replace(day=1) - timedelta(days=1),
                "text": "New shop",
            }
        )
        notes = [
            note
            for tile in self.dashboard.data()["tiles"]
            for note in tile.get("notes") or ()
        ]
        self.assertIn("Sharer", [note["who"] for note in notes])
        for kind in ("live", "frozen"):
            with self.subTest(kind=kind):
                path, _share = self._link(kind=kind)
                self.assertIn("New shop", self._texts(path))
                self.assertNotIn("Sharer", self.url_open(path).text)

    def test_headers(self):
        path, _share = self._link()
        for response in self.url_open(path), self.url_open("/kpi/share/none"):
            headers = response.headers
            self.assertEqual(headers["Cache-Control"], "no-store")
            self.assertIn("noindex", headers["X-Robots-Tag"])
            self.assertEqual(headers["Referrer-Policy"], "no-referrer")
            policy = headers["Content-Security-Policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertNotIn("unsafe-eval", policy)
            self.assertIn("script-src 'self';", policy)
            self.assertNotIn("Set-Cookie", headers)

    def test_who_is_logged_in_makes_no_difference(self):
        path, _share = self._link()
        before = self._texts(path)
        self.authenticate("share_officer", "share_officer")
        after = self._texts(path)
        # A minute may end between the two.
        self.assertEqual(TIME.sub("", after), TIME.sub("", before))
        self.assertNotIn("98,765", after)

    def test_only_the_hash_is_kept(self):
        path, share = self._link()
        token = path.rpartition("/")[2]
        self.assertEqual(len(token), 43)  # 32 bytes in base64
        digest = hashlib.sha256(token.encode()).hexdigest()
        self.assertEqual(share.token_hash, digest)
        self.env.cr.execute(
            "SELECT row_to_json(share)::text FROM kpi_dashboard_share AS share"
        )
        self.assertNotIn(token, str(self.env.cr.fetchall()))
        with self.assertRaises(AccessError):
            share.with_user(self.sharer).read(["token_hash"])

    def test_every_failure_is_the_same(self):
        expired, share = self._link()
        share.expires_on = date.today() - timedelta(days=1)
        revoked, share = self._link()
        share.with_user(self.sharer).action_revoke()
        off, _share = self._link()
        self.env.flush_all()
        for path in (
            expired,
            revoked,
            "/kpi/share/",
            "/kpi/share/a/b",
            "/kpi/share/%00%ff",
            "/kpi/share/" + "x" * 43,
            "/kpi/share/" + "x" * 3000,
            off + "x",
        ):
            with self.subTest(path=path[:60]):
                self._assert_gone(path)

    def test_its_maker_ends_a_link_among_their_connections(self):
        path, share = self._link()
        self.assertEqual(self.url_open(path).status_code, 200)
        end_connection(self, share, self.sharer)
        self._assert_gone(path)

    def test_links_of_the_original_open_nothing_in_a_neutralized_copy(self):
        path, share = self._link()
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.assertEqual(share.state, "revoked")
        self._assert_gone(path)

    def test_failures_take_the_same_time(self):
        revoked, share = self._link()
        share.with_user(self.sharer).action_revoke()
        self.env.flush_all()
        for path in (revoked, "/kpi/share/forged"):
            started = time.monotonic()
            self._assert_gone(path)
            self.assertGreaterEqual(time.monotonic() - started, 0.1)

    def test_numbers_are_those_of_the_opening(self):
        path, _share = self._link()
        self._record(self.report, 7777.0)
        self.assertIn("7,777", self._texts(path))

    def test_frozen_numbers_stay(self):
        path, share = self._link(kind="frozen")
        self._record(self.report, 7777.0)
        self.report.owner_id = self.officer
        self.sharer.active = False
        self.env.flush_all()
        text = self._texts(path)
        self.assertIn("4,321", text)
        self.assertNotIn("7,777", text)
        share.action_revoke()
        self._assert_gone(path)

    def test_link_dies_with_the_rights_of_its_maker(self):
        path, _share = self._link()
        changes = {
            "archived": lambda: self.sharer.write({"active": False}),
            "no KPI user": lambda: self.sharer.write(
                {"group_ids": [Command.set([self.env.ref("base.group_user").id])]}
            ),
            "not the owner": lambda: self.dashboard.sudo().write(
                {"owner_id": self.officer.id}
            ),
            "archived dashboard": lambda: self.dashboard.sudo().write(
                {"active": False}
            ),
        }
        for name, change in changes.items():
            with self.subTest(name), self._undone():
                change()
                self.env.flush_all()
                self._assert_gone(path)
        self.assertIn("4,321", self._texts(path))

    @contextmanager
    def _undone(self):
        savepoint = self.env.cr.savepoint()
        try:
            yield
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()
            self.env.registry.clear_all_caches()

    def test_kpi_that_its_maker_lost_is_not_available(self):
        path, _share = self._link()
        self.report.owner_id = self.officer
        self.env.flush_all()
        text = self._texts(path)
        self.assertNotIn("4,321", text)
        self.assertNotIn("Visits", text)

    def test_setting_switches_all_off(self):
        path, _share = self._link()
        params = self.env["ir.config_parameter"]
        params.set_param("kpi_tracking_dashboard.share_links_off", "True")
        self.env.flush_all()
        self._assert_gone(path)
        with self.assertRaises(UserError):
            self._link()

    def test_new_address_ends_the_old_one(self):
        path, share = self._link()
        action = share.with_user(self.sharer).action_renew()
        self.env.flush_all()
        self._assert_gone(path)
        renewed = action["context"]["default_url"].rpartition("/kpi/share/")[2]
        self.assertIn("4,321", self._texts(f"/kpi/share/{renewed}"))

    def test_who_may_make_renew_and_revoke(self):
        with self.assertRaises(AccessError):
            self._link(self.other)
        path, share = self._link()
        for user, method in (
            (self.officer, "action_renew"),
            (self.other, "action_revoke"),
        ):
            with (
                self.assertRaises(AccessError),
                mute_logger("odoo.addons.base.models.ir_rule"),
            ):
                getattr(share.with_user(user), method)()
        share.with_user(self.officer).action_revoke()  # who arranges the dashboard
        self.env.flush_all()
        self._assert_gone(path)

    def test_rows_are_made_by_the_dialog_only(self):
        _path, share = self._link()
        own = share.with_user(self.sharer)
        for change in (
            lambda: own.write({"expires_on": date(2100, 1, 1)}),
            lambda: own.write({"user_id": self.officer.id}),
            lambda: own.copy(),
            lambda: own.unlink(),
        ):
            with self.assertRaises(AccessError):
                change()

    def test_expiry(self):
        for days in (-1, 400):
            with self.subTest(days), self.assertRaises(UserError):
                self._link(days=days)

    def test_names_are_text(self):
        self.dashboard.name = HOSTILE
        self.dashboard.tile_ids[0].name = HOSTILE
        self.dashboard.tile_ids[1].name = HOSTILE
        self.report.definition_id.name = HOSTILE
        self.env.flush_all()
        path, _share = self._link()
        source = self.url_open(path).text
        tree = html.fromstring(source)
        self.assertNotIn("<script>alert", source)
        self.assertIn(HOSTILE, tree.text_content())
        scripts = tree.xpath("//script")
        self.assertEqual(len(scripts), 2)  # the gauges, and the bundle
        self.assertFalse(tree.xpath("//@onerror | //@onload | //iframe | //form"))

    def test_last_opening_is_noted(self):
        path, share = self._link()
        self.assertFalse(share.last_used_at)
        self._texts(path)
        share.invalidate_recordset()
        self.assertTrue(share.last_used_at)

    def test_too_many_visits_have_to_wait(self):
        path, _share = self._link()
        self.env.cr.execute("DELETE FROM kpi_api_counter")
        with patch.object(KpiDashboardShare, "_visits_per_minute", 2, create=True):
            statuses = [self.url_open(path).status_code for _visit in range(3)]
            self.assertEqual(statuses, [200, 200, 429])
            response = self.url_open("/kpi/share/none")
        self.assertEqual(response.status_code, 429)
        self.assertGreaterEqual(int(response.headers["Retry-After"]), 1)
        self.env.cr.execute("DELETE FROM kpi_api_counter")

    def test_making_and_ending_is_logged(self):
        _path, share = self._link()
        share.with_user(self.sharer).action_revoke()
        log = self.env["kpi.audit.log"].search(
            [("model", "=", share._name), ("res_id", "=", share.id)], order="id"
        )
        self.assertEqual(
            log.mapped("event_type"), ["dashboard_link_made", "dashboard_link_revoked"]
        )
        self.assertEqual(log.user_id, self.sharer)

    def test_dialog(self):
        action = self.dashboard.action_share({"grain": "quarter"})
        dialog = (
            self.env[action["res_model"]]
            .with_user(self.sharer)
            .with_context(**action["context"])
            .create({"name": "Board of directors"})
        )
        shown = dialog.action_make_link()
        address = self._shown_address(shown)
        share = dialog.share_ids
        self.assertEqual(share.name, "Board of directors")
        self.assertEqual(share.options, {"grain": "quarter"})
        self.env.flush_all()
        path = address.rpartition("/kpi/share/")[2]
        self.assertIn("Board", self._texts(f"/kpi/share/{path}"))

    def _shown_address(self, action):
        """What the form of ``action`` shows, opened as the client does."""
        self.assertEqual(action["views"], [(False, "form")])
        form = self.env[action["res_model"]].with_user(self.sharer)
        views = form.get_views(action["views"])
        self.assertIn("CopyClipboardChar", views["views"]["form"]["arch"])
        opened = form.with_context(**action["context"])
        return opened.onchange({}, [], {"url": {}})["value"]["url"]

    def test_right_to_left(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.sharer.lang = "ar_001"
        shares = self.env["kpi.dashboard.share"].with_user(self.sharer)
        address, _share = shares.with_context(lang="ar_001")._generate(
            self.dashboard, expires_on=date.today() + timedelta(days=1)
        )
        self.env.flush_all()
        source = self.url_open("/kpi/share/" + address.rpartition("/")[2]).text
        tree = html.fromstring(source)
        self.assertEqual((tree.get("lang"), tree.get("dir")), ("ar-001", "rtl"))
        # The texts of a drawing stand where its maker measured them.
        drawings = tree.xpath("//svg[not(@class='o_kpi_status_icon')]")
        self.assertTrue(drawings)
        for drawing in drawings:
            self.assertEqual(drawing.xpath("ancestor::*[@dir][1]/@dir"), ["ltr"])

    def test_last_day_is_that_of_its_maker(self):
        _path, share = self._link()
        share.reader = {**share.reader, "tz": "Pacific/Auckland"}
        share.expires_on = date(2026, 3, 1)
        # 12:00 UTC is 1 a.m. of the day after in Auckland, in summer 13 hours ahead
        for moment, state in (("10:59", "active"), ("12:00", "expired")):
            with freeze_time(f"2026-03-01 {moment}:00"):
                share.invalidate_recordset(["state"])
                self.assertEqual(share.state, state)
