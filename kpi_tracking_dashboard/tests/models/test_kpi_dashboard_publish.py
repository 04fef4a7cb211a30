from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.kpi_base.user_link import HAND_OVER

from ...models.dashboard.kpi_dashboard_draft import VERSIONS
from .dashboard_case import DashboardCase


class PublishCase(DashboardCase):
    """A dashboard that all KPI users see, and its draft."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dashboard = cls._dashboard(
            cls._tile("card", cls.revenue, name="First"),
            cls._tile("line", cls.revenue, name="Second"),
        )
        cls.first, cls.second = cls.dashboard.tile_ids.sorted()

    def _start(self, user=None, dashboard=None):
        own = self._as(user or self.officer, dashboard or self.dashboard)
        return own.browse(own.start_draft())

    def _titles(self, dashboard):
        return dashboard.tile_ids.sorted().mapped("name")

    def _kinds(self, version):
        return {change["title"]: change["kind"] for change in version["changes"]}


@tagged("post_install", "-at_install")
class TestKpiDashboardDraft(PublishCase):
    """What many see is arranged where they do not look."""

    def test_a_draft_shows_what_is_published_and_changes_alone(self):
        draft = self._start()
        self.assertEqual(draft.draft_of_id, self.dashboard)
        self.assertEqual(self._titles(draft), ["First", "Second"])
        draft.tile_ids.sorted()[0].name = "Other"
        draft.tile_ids.sorted()[1].unlink()
        self.assertEqual(self._titles(self.dashboard), ["First", "Second"])

    def test_there_is_one_draft(self):
        draft = self._start()
        draft.tile_ids[:1].name = "Other"
        other = self._create_user("Olga", groups="kpi_base.kpi_base_group_officer")
        self.assertEqual(self._start(other), draft)
        self.assertEqual(self._start(dashboard=draft), draft)

    def test_an_unchanged_draft_begins_anew_from_what_is_published(self):
        self._start()
        self.first.name = "Newer"
        self.assertIn("Newer", self._titles(self._start()))

    def test_drafts_are_in_no_list(self):
        draft = self._start()
        owner = self._as(self.officer, self.env["kpi.dashboard"])
        for domain in ([], [("is_listed", "=", True)], [("is_favorite", "=", False)]):
            self.assertNotIn(draft, owner.search(domain))
        archived = [("active", "=", False), ("is_listed", "=", True)]
        self.assertNotIn(draft, owner.search(archived))
        self.assertNotEqual(owner.get_default(), draft.id)
        panels = self._as(self.officer, self.env["kpi.home"])._get_panels()
        boards = panels.get("kpi_tracking_dashboard.dashboards", ())
        self.assertNotIn(draft.id, [board["id"] for board in boards])

    def test_who_sees_the_dashboard_does_not_see_its_draft(self):
        draft = self._start()
        mine = self._as(self.user, draft)
        self.assertTrue(self._as(self.user, self.dashboard).has_access("read"))
        self.assertFalse(mine.has_access("read"))
        for call in (mine.data, mine.publish, mine.discard_draft, mine.leave_draft):
            with self.assertRaises(AccessError):
                call()
        with self.assertRaises(AccessError):
            self._as(self.user, self.dashboard).start_draft()
        with self.assertRaises(AccessError):
            self._as(self.user, self.dashboard).list_versions()
        seen = self._as(self.user, self.dashboard).data()["dashboard"]
        self.assertIsNone(seen["draft"])

    def test_only_who_sees_a_dashboard_is_told_that_this_is_its_draft(self):
        draft = self._start()
        mine = self._as(self.user, draft)
        calls = mine.data, mine.publish, lambda: mine.read(["name"])
        for told in (True, False):
            for call in calls:
                with self.assertRaises(AccessError) as refused:
                    call()
                is_told = "This is a draft of “Board”" in str(refused.exception)
                self.assertEqual(is_told, told)
            self.dashboard.group_ids = False

    def test_a_draft_is_neither_shared_nor_mailed(self):
        draft = self._start()
        day = fields.Date.today() + timedelta(days=3)
        with self.assertRaisesRegex(UserError, "Publish the draft first"):
            self.env["kpi.dashboard.share"]._generate(draft, expires_on=day)
        with self.assertRaisesRegex(UserError, "Publish the draft first"):
            self.env["kpi.dashboard.schedule"].create({"dashboard_id": draft.id})
        with self.assertRaisesRegex(UserError, "Publish the draft first"):
            draft.action_delete()
        with self.assertRaises(ValidationError):
            draft.active = True
        with self.assertRaises(UserError):
            draft.draft_of_id = self._dashboard(name="Other")
        with self.assertRaises(AccessError):
            self._as(self.officer, self.dashboard).draft_of_id = draft

    def test_a_draft_has_the_settings_of_its_dashboard(self):
        draft = self._start()
        self.dashboard.write({"name": "Renamed", "default_grain": "quarter"})
        answer = self._data(draft)
        self.assertEqual(answer["dashboard"]["name"], "Renamed")
        self.assertEqual(answer["options"]["grain"], "quarter")
        self.assertEqual(draft.display_name, "Renamed (draft)")

    def test_who_takes_over_a_dashboard_takes_over_its_draft(self):
        other = self._create_user("Olga", groups="kpi_base.kpi_base_group_user")
        draft = self._start()
        owner = self.dashboard.owner_id
        links = self.env["kpi.user.link"]
        found = links._find_records(owner, HAND_OVER)
        (link,) = [each for each in found if each.model == "kpi.dashboard"]
        self.assertEqual(found[link], self.dashboard)
        links._hand_over(link, owner, other)
        self.assertEqual(self.dashboard.owner_id, other)
        self.assertEqual(draft.owner_id, other)
        self.assertTrue(self._as(other, draft).has_access("write"))
        # Nobody has changed what is in it.
        self.assertIsNone(self._data(self.dashboard)["dashboard"]["draft"])

    def test_the_dashboard_says_who_left_a_draft(self):
        draft = self._start()
        self.assertIsNone(self._data(self.dashboard)["dashboard"]["draft"])
        draft.tile_ids[:1].name = "Other"
        found = self._data(self.dashboard)["dashboard"]["draft"]
        self.assertEqual(found["id"], draft.id)
        self.assertEqual(found["user"], self.officer.name)

    def test_a_draft_that_somebody_else_has_open_stays(self):
        draft = self._start()
        other = self._create_user("Olga", groups="kpi_base.kpi_base_group_officer")
        self.assertEqual(self._start(other), draft)
        self.assertEqual(self._as(other, draft).leave_draft(), self.dashboard.id)
        tile = draft.tile_ids.sorted()[0]
        draft.save_layout(draft.revision, [{"id": tile.id, "span": 7}])
        self.assertEqual(tile.span, 7)

    def test_a_draft_has_no_settings_of_its_own(self):
        draft = self._start()
        for values in (
            {"name": "Other"},
            {"owner_id": self.user.id},
            {"user_ids": self.user.ids},
            {"is_default": True},
        ):
            with self.assertRaisesRegex(UserError, "use their dashboard's settings"):
                draft.write(values)

    def test_unused_drafts_are_cleared_away(self):
        unused, used = self._start(), self._start(dashboard=self._dashboard(name="B"))
        used.tile_ids = [Command.create({"kind": "text", "name": "Used"})]
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kpi_dashboard SET write_date = now() - INTERVAL '2 days'"
        )
        self.env.invalidate_all()
        self.env["kpi.dashboard"]._gc_unused_drafts()
        self.assertFalse(unused.exists())
        self.assertTrue(used.exists())

    def test_leaving_keeps_only_a_draft_in_which_something_changed(self):
        draft = self._start()
        self.assertEqual(draft.leave_draft(), self.dashboard.id)
        draft = self._start()
        draft.tile_ids[:1].name = "Other"
        self.assertEqual(draft.leave_draft(), draft.id)
        self.assertEqual(draft.discard_draft(), self.dashboard.id)
        self.assertFalse(draft.exists())

    def test_only_what_others_look_at_needs_a_draft(self):
        mine = self._dashboard(self._tile("card", self.revenue), group_ids=[])
        self.assertTrue(mine.is_private)
        self.assertTrue(self._data(mine)["dashboard"]["is_private"])
        self.assertEqual(mine._get_arranged(), mine)
        day = fields.Date.today() + timedelta(days=3)
        link = self.env["kpi.dashboard.share"]._generate(mine, expires_on=day)[1]
        for share in (
            {"user_ids": self.user.ids},
            {"department_ids": self.sales.ids},
            {"group_ids": self.env.ref("kpi_base.kpi_base_group_user").ids},
        ):
            shared = self._dashboard(**{"group_ids": [], **share})
            self.assertFalse(shared.is_private)
        mine.invalidate_recordset(["is_private"])
        self.assertFalse(mine.is_private)
        link.action_revoke()
        mine.invalidate_recordset(["is_private"])
        self.assertTrue(mine.is_private)

    def test_what_is_added_from_elsewhere_goes_to_the_draft(self):
        values = {**self._tile("card", self.revenue), "name": "Third"}
        tiles = self._as(self.officer, self.env["kpi.dashboard.tile"])
        tile = tiles.with_context(kpi_arrange_in_draft=True).create(
            {**values, "dashboard_id": self.dashboard.id}
        )
        self.assertEqual(tile.dashboard_id.draft_of_id, self.dashboard)
        other = self._dashboard(self._tile("line", self.revenue, name="Moved"))
        self._as(self.officer, other.tile_ids).move_to(self.dashboard.id)
        self.assertEqual(
            self._titles(tile.dashboard_id), ["First", "Second", "Third", "Moved"]
        )
        self.assertEqual(self._titles(self.dashboard), ["First", "Second"])


@tagged("post_install", "-at_install")
class TestKpiDashboardPublish(PublishCase):
    """A draft becomes what everybody sees, whole; nothing that was is lost."""

    def _change(self, draft):
        """One tile changed, one removed, one added and put first."""
        first, second = draft.tile_ids.sorted()
        first.write({"name": "Changed", "kind": "bar", "span": 9})
        second.unlink()
        draft.write(
            {
                "tile_ids": [
                    Command.create(
                        {
                            **self._tile("gauge", self.revenue, name="New"),
                            "sequence": -1,
                        }
                    )
                ]
            }
        )

    def test_tiles_keep_their_ids(self):
        draft = self._start()
        self._change(draft)
        answer = draft.publish()
        self.assertEqual(answer, {"dashboard_id": self.dashboard.id})
        self.assertFalse(draft.exists())
        self.assertFalse(self.second.exists())
        self.assertEqual(self._titles(self.dashboard), ["New", "Changed"])
        self.assertEqual(self.dashboard.tile_ids.sorted()[1], self.first)
        self.assertEqual((self.first.kind, self.first.span), ("bar", 9))
        self.assertFalse(self.dashboard.tile_ids.published_tile_id)

    def test_versions_say_who_changed_which_tiles(self):
        draft = self._start()
        self._change(draft)
        draft.publish()
        now, before = self._as(self.officer, self.dashboard).list_versions()
        self.assertTrue(now["is_now"])
        self.assertEqual(now["user"], self.officer.name)
        self.assertEqual(
            self._kinds(now),
            {"Changed": "changed", "Second": "removed", "New": "added"},
        )
        self.assertFalse(before["is_now"])
        self.assertFalse(before["changes"])
        kept = self.dashboard.version_ids[-1]
        self.assertEqual(
            [tile["name"] for tile in kept.entry["tiles"]], ["First", "Second"]
        )
        code = self.revenue.definition_id.code
        self.assertEqual(kept.entry["tiles"][0]["kpis"], [code])

    def test_tiles_of_one_name_are_told_apart(self):
        draft = self._start()
        tiles = [self._tile(kind, self.revenue) for kind in ("line", "card", "card")]
        draft.write({"tile_ids": [Command.create(values) for values in tiles]})
        draft.publish()
        now = self._as(self.officer, self.dashboard).list_versions()[0]
        name = self.revenue.definition_id.name
        self.assertEqual(
            [*self._kinds(now)],
            [f"{name} (Line Chart)", f"{name} (Card)", f"{name} (Card) 2"],
        )

    def test_only_what_moved_is_said_to_have_moved(self):
        draft = self._start()
        first, second = draft.tile_ids.sorted()
        second.sequence = first.sequence - 1
        draft.publish()
        now = self._as(self.officer, self.dashboard).list_versions()[0]
        self.assertEqual([*self._kinds(now).values()], ["moved"])

    def test_publishing_over_newer_changes_is_asked(self):
        draft = self._start()
        self._change(draft)
        other = self._create_user("Olga", groups="kpi_base.kpi_base_group_officer")
        self._as(other, self.first).name = "By Olga"
        asked = draft.publish()
        moment = draft._format_moment(self.dashboard.write_date)
        self.assertIn(f"Olga changed Board on {moment}", asked["question"])
        self.assertIn("“By Olga”", asked["question"])
        self.assertTrue(draft.exists())
        self._as(other, self.second).name = "Also by Olga"
        again = draft.publish(asked["revision"])  # that one was not seen
        self.assertIn("Also by Olga", again["question"])
        self.assertNotIn("question", draft.publish(again["revision"]))
        self.assertEqual(self._titles(self.dashboard), ["New", "Changed"])
        # What was replaced is kept, too.
        titles = [
            [tile["name"] for tile in version.entry["tiles"]]
            for version in self.dashboard.version_ids
        ]
        self.assertEqual(titles, [["New", "Changed"], ["By Olga", "Also by Olga"]])

    def test_moments_are_written_as_on_the_screen(self):
        before = self.dashboard.with_context(tz="Europe/Berlin")
        for year, written in ((fields.Date.today().year, ""), (2001, ", 2001")):
            text = before._format_moment(datetime(year, 11, 6, 13, 5))
            self.assertEqual(text.replace("\u202f", " "), f"Nov 6{written}, 2:05 PM")

    def test_settings_changed_meanwhile_are_no_newer_publication(self):
        draft = self._start()
        self._change(draft)
        self.dashboard.write({"name": "Renamed", "user_ids": self.user.ids})
        self.assertNotIn("question", draft.publish())
        self.assertEqual(self.dashboard.name, "Renamed")

    def test_a_published_draft_is_gone_for_the_second(self):
        draft = self._start()
        self._change(draft)
        draft.publish()
        for call in (
            draft.publish,
            draft.discard_draft,
            lambda: draft.save_layout(1, []),
        ):
            with self.assertRaisesRegex(UserError, "already published or discarded"):
                call()
        with self.assertRaisesRegex(UserError, "not a draft"):
            self._as(self.officer, self.dashboard).publish()

    def test_texts_of_all_languages_are_kept(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.first.with_context(lang="de_DE").name = "Erste"
        draft = self._start()
        draft.tile_ids.sorted()[0].span = 9
        german = draft.with_context(lang="de_DE")
        self.assertEqual(german.tile_ids.sorted()[0].name, "Erste")
        german.tile_ids.sorted()[0].name = "Neue"
        draft.publish()
        self.assertEqual(self.first.name, "First")
        self.assertEqual(self.first.with_context(lang="de_DE").name, "Neue")
        before = self.dashboard.version_ids[-1]
        restored = before.restore()["dashboard_id"]
        tile = self.env["kpi.dashboard"].browse(restored).tile_ids.sorted()[0]
        self.assertEqual(tile.with_context(lang="de_DE").name, "Erste")

    def test_archived_kpis_stay_on_their_tiles(self):
        draft = self._start()
        self.revenue.definition_id.active = False
        draft.tile_ids.sorted()[0].name = "Changed"
        draft.publish()
        whole = self.first.with_context(active_test=False)
        self.assertEqual(whole.definition_ids, self.revenue.definition_id)
        restored = self.dashboard.version_ids[-1].restore()
        self.assertFalse(restored["notes"])
        draft = self.env["kpi.dashboard"].browse(restored["dashboard_id"])
        tiles = draft.with_context(active_test=False).tile_ids
        self.assertEqual(tiles.definition_ids, self.revenue.definition_id)

    def test_who_publishes_keeps_kpis_that_they_do_not_see(self):
        mine = self._as(self.user, self.env["kpi.dashboard"]).create(
            {"name": "Mine", "company_id": self.company.id}
        )
        tile = self.env["kpi.dashboard.tile"].create(
            {
                **self._tile("card", scope_mode="fixed"),
                "dashboard_id": mine.id,
                "report_ids": self.revenue.ids,
            }
        )
        self.assertFalse(self._as(self.user, self.revenue).has_access("read"))
        draft = self._start(self.user, mine)
        draft.tile_ids.span = 7
        draft.publish()
        self.assertEqual((tile.span, tile.report_ids), (7, self.revenue))

    def test_a_version_fills_the_draft(self):
        draft = self._start()
        self._change(draft)
        draft.publish()
        before = self._as(self.officer, self.dashboard.version_ids[-1])
        restored = before.restore()
        draft = draft.browse(restored["dashboard_id"])
        self.assertEqual(self._titles(draft), ["First", "Second"])
        self.assertEqual(self._titles(self.dashboard), ["New", "Changed"])
        draft.publish()
        self.assertEqual(self._titles(self.dashboard), ["First", "Second"])
        # The one that is still there is the same one.
        self.assertEqual(self.dashboard.tile_ids.sorted()[0], self.first)

    def test_a_changed_draft_is_replaced_only_by_who_knows_of_it(self):
        draft = self._start()
        self._change(draft)
        draft.publish()
        draft = self._start()
        draft.tile_ids[:1].name = "Work of an hour"
        before = self._as(self.officer, self.dashboard.version_ids[-1])
        asked = before.restore()
        self.assertIn(f"{self.officer.name} changed the draft", asked["question"])
        self.assertIn("Work of an hour", self._titles(draft))
        self.assertNotIn("question", before.restore(asked["revision"]))
        self.assertEqual(self._titles(draft), ["First", "Second"])

    def test_a_dashboard_without_tiles_has_versions(self):
        bare = self._dashboard(name="Bare")
        draft = self._start(dashboard=bare)
        self._as(self.officer, self.env["kpi.dashboard.tile"]).create(
            {"kind": "text", "name": "First", "dashboard_id": draft.id}
        )
        draft.publish()
        self.env.invalidate_all()
        before = self._as(self.officer, bare.version_ids[-1])
        draft = draft.browse(before.restore()["dashboard_id"])
        self.assertFalse(draft.tile_ids)
        self.assertEqual(len(self._as(self.officer, bare).list_versions()), 2)

    def test_publishing_nothing_is_no_version(self):
        self._start().publish()
        self.assertEqual(len(self.dashboard.version_ids), 1)

    def test_a_tile_comes_back_alone(self):
        draft = self._start()
        self._change(draft)
        draft.publish()
        now, before = self._as(self.officer, self.dashboard).version_ids
        removed = now.changes[0]
        self.assertEqual(removed["kind"], "removed")
        restored = before.bring_back(removed["tile_id"])
        draft = draft.browse(restored["dashboard_id"])
        self.assertEqual(self._titles(draft), ["New", "Changed", "Second"])
        with self.assertRaises(UserError):
            before.bring_back(2**31 - 1)
        with self.assertRaises(AccessError):
            self._as(self.user, before).restore()

    def test_a_kpi_that_is_gone_is_named(self):
        rate = self._dashboard(self._tile("card", self.revenue, name="Only"))
        kept = self.env["kpi.dashboard.version"]._keep(
            rate, rate._get_state(), [], self.officer, fields.Datetime.now()
        )
        entry = {**kept.entry}
        entry["tiles"] = [{**entry["tiles"][0], "kpis": ["nowhere"]}]
        kept.entry = entry
        restored = self._as(self.officer, kept).restore()
        self.assertIn("KPI “nowhere” not found", restored["notes"][0])

    def test_only_the_latest_versions_are_kept(self):
        versions = self.env["kpi.dashboard.version"]
        when = [], self.officer, fields.Datetime.now()
        state = self.dashboard._get_state()
        kept = [
            versions._keep(self.dashboard, state, *when) for _ in range(VERSIONS + 2)
        ]
        other = self._dashboard(name="Other")
        lone = versions._keep(other, other._get_state(), *when)
        self.env["kpi.dashboard"]._gc_versions()
        self.assertTrue(lone.exists())
        self.assertEqual(self.dashboard.version_ids, versions.concat(*kept[:1:-1]))

    def test_versions_are_kept_by_nobody_else(self):
        draft = self._start()
        self._change(draft)
        draft.publish()
        version = self._as(self.officer, self.dashboard.version_ids[0])
        for change in (lambda: version.write({"changes": []}), version.unlink):
            with self.assertRaises(AccessError):
                change()
