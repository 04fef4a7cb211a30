from datetime import date, timedelta

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

OFFICER = "kpi_base.kpi_base_group_officer"


@tagged("post_install", "-at_install")
class TestKpiTeam(TransactionCase):
    """Teams, dated stays in them, and records of other apps they stand for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["kpi.team"].create({"name": "Red"})
        cls.ann = new_test_user(cls.env, "ann_team", name="Ann")
        cls.stay = {"team_id": cls.team.id, "user_id": cls.ann.id}
        cls.members = cls.env["kpi.team.member"]

    def test_a_member_cannot_be_in_a_team_twice_on_a_day(self):
        self.members.create({**self.stay, "date_to": date(2023, 5, 1)})
        twice = "Ann is already a member of Red on Apr 30, 2023"
        with self.assertRaisesRegex(ValidationError, twice), self.cr.savepoint():
            self.members.create({**self.stay, "date_from": "2023-04-30"})
        later = self.members.create({**self.stay, "date_from": "2023-05-01"})
        with self.assertRaisesRegex(ValidationError, twice), self.cr.savepoint():
            later.date_from = "2023-04-30"

    def test_a_stay_without_an_end_lets_no_other_follow(self):
        self.members.create(self.stay)
        with self.assertRaisesRegex(ValidationError, "End the first"):
            self.members.create({**self.stay, "date_from": "2030-01-01"})

    def test_stays_are_looked_at_when_all_are_written(self):
        team = self.env["kpi.team"].create({"name": "Night"})
        stay = {"team_id": team.id, "user_id": self.env.uid}
        stays = self.env["kpi.team.member"].create(
            [
                {**stay, "date_from": "2023-01-01", "date_to": "2023-05-01"},
                {**stay, "date_from": "2023-05-01"},
            ]
        )
        team.member_ids = [
            Command.update(stays[0].id, {"date_to": "2023-03-01"}),
            Command.update(stays[1].id, {"date_from": "2023-03-01"}),
        ]
        self.env.flush_all()
        with self.assertRaisesRegex(
            ValidationError, "is already a member of Night on Mar 1, 2023"
        ):
            stays.write({"date_to": "2024-01-01"})

    def test_two_people_are_in_a_team_at_once(self):
        bob = new_test_user(self.env, "bob_team")
        self.members.create([self.stay, {**self.stay, "user_id": bob.id}])
        self.assertEqual(self.team.member_count, 2)

    def test_a_member_leaves_after_joining(self):
        dates = {"date_from": "2023-05-01", "date_to": "2023-05-01"}
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            self.members.create({**self.stay, **dates})
        self.members.create({**self.stay, **dates, "date_to": "2023-05-02"})

    def test_members_of_today_are_counted(self):
        today = fields.Date.today()
        ended, going, coming = (
            new_test_user(self.env, f"{name}_team") for name in ("e", "g", "c")
        )
        day = timedelta(days=1)
        for user, first, last in (
            (self.ann, today, today + day),
            (ended, today - 9 * day, today),
            (going, today - 9 * day, False),
            (coming, today + day, False),
        ):
            stay = {"user_id": user.id, "date_from": first, "date_to": last}
            self.members.create({**self.stay, **stay})
        self.assertEqual(self.team.member_count, 2)

    def test_a_record_of_another_app_has_one_team(self):
        category = self.env["res.partner.category"]
        records = category.create([{"name": "Direct"}, {"name": "Web"}])
        teams = self.env["kpi.team"]
        first = teams._find_or_create_linked(records[:1])
        self.assertEqual(list(first), records[:1].ids)
        self.assertEqual(first[records[0].id].name, "Direct")
        both = teams._find_or_create_linked(records)
        self.assertEqual(both[records[0].id], first[records[0].id])
        self.assertEqual(both[records[1].id].name, "Web")
        self.assertEqual(both[records[1].id].company_id, self.env.company)

    def test_an_archived_team_goes_on_standing_for_its_record(self):
        record = self.env["res.partner.category"].create({"name": "Direct"})
        teams = self.env["kpi.team"]
        team = teams._find_or_create_linked(record)[record.id]
        team.active = False
        self.assertEqual(teams._find_or_create_linked(record)[record.id], team)

    def test_a_team_takes_over_company_and_leader_of_its_record(self):
        company = self.env["res.company"].create({"name": "South"})
        partner = self.env["res.partner"].create(
            {"name": "Depot", "company_id": company.id, "user_id": self.ann.id}
        )
        team = self.env["kpi.team"]._find_or_create_linked(partner)[partner.id]
        self.assertEqual((team.company_id, team.leader_id), (company, self.ann))

    def test_officers_keep_the_teams_of_their_companies(self):
        company = self.env["res.company"].create({"name": "South"})
        foreign = self.team.create({"name": "Blue", "company_id": company.id})
        officer = new_test_user(self.env, "officer_team", OFFICER)
        own = self.team.with_user(officer)
        own.name = "Green"
        self.assertFalse(own.search([("id", "=", foreign.id)]))
        with self.assertRaises(AccessError):
            foreign.with_user(officer).name = "Ours"
        user = new_test_user(self.env, "user_team", "kpi_base.kpi_base_group_user")
        self.assertEqual(self.team.with_user(user).name, "Green")
        with self.assertRaises(AccessError):
            self.team.with_user(user).name = "Mine"
