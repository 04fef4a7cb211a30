from lxml import etree
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user
from odoo.tools import SQL, mute_logger

USER = "kpi_base.kpi_base_group_user"


class TestKpiGamificationChoice(TransactionCase):
    """Who sees what others earned."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.ann = new_test_user(cls.env, "choice_ann", USER)
        cls.ben = new_test_user(cls.env, "choice_ben", USER)
        cls.choices = cls.env["kpi.gamification.choice"]

    def _sees(self, viewer, person, company=None):
        own = self.choices.with_user(viewer)
        shown = own._shown_to_me(
            SQL("%s::int", person.id), SQL("%s::int", (company or self.company).id)
        )
        return self.env.execute_query(SQL("SELECT %s", shown))[0][0]

    def _choose(self, person, choice):
        self.choices.with_user(person).choose(choice)

    def test_people_are_hidden_until_they_or_the_company_choose(self):
        self.assertEqual(self.choices.with_user(self.ann).get_choice(), "hidden")
        self.assertFalse(self._sees(self.ben, self.ann))
        self.assertTrue(self._sees(self.ann, self.ann))
        self.company.gamification_choice = "shown"
        self.assertTrue(self._sees(self.ben, self.ann))
        for choice, is_shown in (("out", False), ("shown", True), ("hidden", False)):
            self._choose(self.ann, choice)
            with self.subTest(choice):
                self.assertEqual(self._sees(self.ben, self.ann), is_shown)
                self.assertTrue(self._sees(self.ann, self.ann))

    def test_settings_are_one_beside_the_other(self):
        view = etree.fromstring(self.env["res.config.settings"].get_view()["arch"])
        (block,) = view.xpath("//block[@name='kpi_gamification']")
        # Of two fields each: without a title of its own it would have no help.
        titles = block.xpath("setting[count(.//field) = 2]/@string")
        self.assertEqual(titles, ["Freezes", "Kudos"])
        self.assertFalse("".join(block.xpath("setting/text()")).strip())

    def test_companies_are_apart(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._choose(self.ann, "shown")
        self.assertTrue(self._sees(self.ben, self.ann))
        self.assertFalse(self._sees(self.ben, self.ann, other))

    def test_where_only_teams_are_compared_nobody_is_shown(self):
        self._choose(self.ann, "shown")
        self.company.gamification_teams_only = True
        self.assertFalse(self._sees(self.ben, self.ann))
        self.assertTrue(self._sees(self.ann, self.ann))

    def test_who_is_out_counts_from_that_day_on_no_more(self):
        self._choose(self.ann, "out")
        row = self.choices.search([("user_id", "=", self.ann.id)])
        row.since = "2026-03-10"
        row.flush_recordset()
        for day, counts in (("2026-03-09", True), ("2026-03-10", False)):
            asked = self.choices._evaluated(
                SQL("%s::int", self.ann.id),
                SQL("%s::int", self.company.id),
                SQL("%s::date", day),
                SQL("%s::date", day),
            )
            (found,) = self.env.execute_query(SQL("SELECT %s", asked))[0]
            self.assertEqual(found, counts, day)

    def test_bad_choices_are_refused(self):
        with self.assertRaises(UserError):
            self._choose(self.ann, "everybody")
        self._choose(self.ann, "shown")
        row = {"user_id": self.ann.id, "choice": "out"}
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.env.cr.savepoint():
                self.choices.create(row)
        with self.assertRaises(AccessError):
            self.choices.with_user(self.ben).create(row)
