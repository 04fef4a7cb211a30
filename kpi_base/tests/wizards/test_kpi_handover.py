from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, TransactionCase, new_test_user, tagged

from ...roles import ADMIN, OFFICER, USER


@tagged("post_install", "-at_install")
class TestKpiHandover(TransactionCase):
    """Nothing that a person answers for is without somebody when they leave."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_test_user(
            cls.env, "hand_admin", f"base.group_erp_manager,{ADMIN}"
        )
        cls.ann, cls.bo, cls.cleo = (
            new_test_user(
                cls.env, f"hand_{name}", f"base.group_user,{OFFICER}", name=name
            )
            for name in ("Ann", "Bo", "Cleo")
        )
        cls.teams = cls.env["kpi.team"].create(
            [
                {"name": "One", "leader_id": cls.ann.id},
                {"name": "Two", "leader_id": cls.bo.id},
                {"name": "Old", "leader_id": cls.ann.id, "active": False},
            ]
        )
        cls.stay = cls.env["kpi.team.member"].create(
            {
                "team_id": cls.teams[1].id,
                "user_id": cls.ann.id,
                "date_from": "2025-01-01",
            }
        )

    def _archive(self, *users):
        people = self.env["res.users"].union(*users)
        return people.with_user(self.admin).action_archive()

    def _wizard(self, action, **values):
        wizards = self.env["kpi.handover"].with_user(self.admin)
        return wizards.with_context(**action["context"]).create(values)

    def test_the_dialog_keeps_what_it_found(self):
        """Lines are proposed to a form, which leaves out what is only to be read."""
        wizards = self.env["kpi.handover"].with_user(self.admin)
        dialog = Form(wizards.with_context(**self._archive(self.ann)["context"]))
        dialog.successor_id = self.cleo
        wizard = dialog.save()
        self.assertEqual(wizard.line_ids.mapped("record_count"), [2])
        wizard.action_hand_over()
        self.assertEqual(self.teams[0].leader_id, self.cleo)

    def test_who_archives_somebody_hands_over_what_they_answer_for(self):
        action = self._archive(self.ann)
        self.assertEqual(action["res_model"], "kpi.handover")
        wizard = self._wizard(action)
        (line,) = wizard.line_ids
        self.assertEqual((line.model, line.record_count), ("kpi.team", 2))
        self.assertIn("Team", line.label)
        self.assertEqual(wizard.ended_count, 1)
        with self.assertRaisesRegex(UserError, "choose a person under “Transfer To”"):
            wizard.action_hand_over()
        wizard.successor_id = self.cleo
        wizard.action_hand_over()
        leaders = [team.leader_id for team in self.teams]  # archived ones as well
        self.assertEqual(leaders, [self.cleo, self.bo, self.cleo])
        self.assertTrue(self.stay.date_to, "a membership ends")

    def test_several_leave_at_once_and_a_kind_goes_to_somebody_else(self):
        wizard = self._wizard(
            self._archive(self.ann, self.bo), successor_id=self.ann.id
        )
        wizard.line_ids.successor_id = self.cleo
        wizard.action_hand_over()
        self.assertEqual(set(self.teams.leader_id), {self.cleo})

    def test_who_leaves_takes_nothing_over(self):
        wizard = self._wizard(self._archive(self.ann), successor_id=self.ann.id)
        with self.assertRaisesRegex(
            UserError, ": Ann is leaving too. Choose someone else"
        ):
            wizard.action_hand_over()
        self.assertEqual(self.teams[0].leader_id, self.ann)

    def test_only_who_works_here_takes_over(self):
        wizard = self._wizard(self._archive(self.ann))
        portal = new_test_user(self.env, "hand_portal", "base.group_portal")
        self.bo.active = False
        for somebody in (portal, self.bo):
            wizard.successor_id = somebody
            with self.assertRaisesRegex(
                UserError, "is not an active internal user. Choose someone else"
            ):
                wizard.action_hand_over()
        self.assertEqual(self.teams[0].leader_id, self.ann)

    def test_a_successor_who_cannot_open_kpis_is_told(self):
        self.ann.group_ids = self.env.ref(USER) | self.env.ref("base.group_user")
        eve = new_test_user(self.env, "hand_eve", "base.group_user", name="Eve")
        wizard = self._wizard(self._archive(self.ann), successor_id=eve.id)
        role = self.env.ref(USER).name
        self.assertEqual(wizard.missing_roles, f"Eve ({role})")

    def test_a_successor_with_fewer_roles_is_told(self):
        dan = new_test_user(self.env, "hand_dan", f"base.group_user,{USER}", name="Dan")
        wizard = self._wizard(self._archive(self.ann), successor_id=self.cleo.id)
        self.assertFalse(wizard.missing_roles)
        wizard.line_ids.successor_id = dan
        role = self.env.ref(OFFICER).name
        self.assertRegex(wizard.missing_roles, rf"^Dan \(.*{role}\)$")

    def test_nobody_is_asked_about_who_answers_for_nothing(self):
        self.assertNotIsInstance(self._archive(self.cleo), dict)

    def test_people_who_left_with_duties_are_found(self):
        leavers = [("kpi_has_duties", "=", True), ("active", "=", False)]
        people = self.env["res.users"].with_user(self.admin)
        self.assertNotIn(self.ann, people.search(leavers))
        self.ann.active = False  # by a program: nobody was asked
        self.cleo.active = False
        found = people.search(leavers)
        self.assertIn(self.ann, found)
        self.assertNotIn(self.cleo, found)
        self.assertTrue(self.ann.with_user(self.admin).kpi_has_duties)
        self.assertFalse(self.cleo.with_user(self.admin).kpi_has_duties)

    def test_five_thousand_are_handed_over_by_few_statements(self):
        teams = self.env["kpi.team"].create(
            [{"name": f"T {n}", "leader_id": self.ann.id} for n in range(5000)]
        )
        self.env.flush_all()
        wizard = self._wizard(self._archive(self.ann), successor_id=self.cleo.id)
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        wizard.action_hand_over()
        self.env.flush_all()
        self.assertLess(self.env.cr.sql_log_count - before, 500)
        self.assertEqual(teams.leader_id, self.cleo)

    def test_who_archives_the_last_officer_is_told(self):
        everybody = self.env.ref(OFFICER).all_user_ids - self.ann - self.admin
        everybody.active = False
        keeper = self.env.ref(ADMIN).with_context(active_test=False).all_user_ids
        self.assertIn(self.admin, keeper)  # administrators are officers, too
        self.assertFalse(self.ann._find_lost_roles())
        both = self.ann | self.admin
        self.assertEqual(
            set(both._find_lost_roles()), {self.env.ref(OFFICER), self.env.ref(ADMIN)}
        )
        action = (self.admin | self.ann).with_user(self.admin).action_kpi_hand_over()
        wizard = self._wizard(action)
        self.assertIn(self.env.ref(OFFICER).name, wizard.lost_roles)

    def test_what_a_leaver_answers_for_in_another_company_is_handed_over(self):
        other = self.env["res.company"].create({"name": "Other"})
        team = self.env["kpi.team"].create(
            {"name": "Abroad", "leader_id": self.ann.id, "company_id": other.id}
        )
        self.assertNotIn(other, self.admin.company_ids)
        self.cleo.company_ids |= other
        wizard = self._wizard(self._archive(self.ann), successor_id=self.cleo.id)
        self.assertEqual(wizard.line_ids.record_count, 3)
        wizard.action_hand_over()
        self.assertEqual(team.leader_id, self.cleo)

    def test_only_kpi_administrators_hand_over(self):
        for user in (self.bo, self.cleo):
            with self.assertRaises(AccessError):
                self.env["kpi.handover"].with_user(user).create(
                    {"user_ids": self.ann.ids}
                )
        with self.assertRaises(AccessError):
            self.ann.with_user(self.bo).read(["kpi_has_duties"])
