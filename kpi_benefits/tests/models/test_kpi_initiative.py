from ast import literal_eval
from datetime import date, timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Date
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .benefit_case import BenefitCase

STEPS = (
    ("action_start", "in_delivery"),
    ("action_go_live", "live"),
    ("action_review", "reviewed"),
    ("action_close", "closed"),
)


@tagged("post_install", "-at_install")
class TestKpiInitiative(BenefitCase):
    """Status of initiatives, who decides on it, and their gates."""

    def test_from_proposal_to_closing(self):
        initiative = self._make()
        self.assertEqual(initiative.status, "proposed")
        self._as(self.sue, initiative).action_approve()
        self.assertEqual(initiative.status, "approved")
        self.assertEqual(initiative.approved_by, self.sue)
        for method, status in STEPS:
            getattr(self._as(self.olga, initiative), method)()
            self.assertEqual(initiative.status, status)
        self.assertEqual(initiative.go_live_date, Date.context_today(initiative))
        self._as(self.olga, initiative).action_reopen()
        self.assertEqual(initiative.status, "proposed")
        self.assertFalse(initiative.approved_by)

    def test_it_says_what_a_proposal_lacks_and_who_goes_on(self):
        initiative = self._as(self.olga, self._make(description=False))
        self.assertEqual(
            initiative.case_note,
            "Add before approval: reason, costs, benefits, gates.",
        )
        initiative.description = "<p>Fewer errors.</p>"
        initiative.action_add_gates()
        self.assertEqual(initiative.case_note, "Add before approval: costs, benefits.")
        cost = {"period_start": date(2026, 1, 1), "planned": 5.0}
        initiative.cost_ids = [Command.create(cost)]
        self._benefit(initiative)
        initiative.invalidate_recordset()
        self.assertIn(self.sue.name, initiative.case_note)
        self._as(self.sue, initiative).action_approve()
        self.assertIn("Start Delivery", initiative.case_note)

    def test_gates_come_from_the_latest_of_its_class_else_they_are_the_usual_ones(self):
        usual = self._as(self.olga, self._make())
        usual.action_add_gates()
        names = ["Idea", "Business case", "Go-live", "Benefits review"]
        self.assertEqual(usual.gate_ids.sorted("sequence").mapped("name"), names)
        usual.action_add_gates()
        self.assertEqual(len(usual.gate_ids), 4)
        gate = Command.create({"name": "Board", "approving_body": "The board"})
        self._make(gate_class="Large", gate_ids=[gate])
        large = self._as(self.olga, self._make(gate_class="Large"))
        large.action_add_gates()
        self.assertEqual(large.gate_ids.mapped("name"), ["Board"])
        self.assertEqual(large.gate_ids.approving_body, "The board")
        with self.assertRaises(AccessError):
            self._as(self.zoe, self._make()).action_add_gates()

    def test_nobody_approves_their_own(self):
        initiative = self._make(owner_id=self.pia.id, sponsor_id=self.pia.id)
        self.assertFalse(self._as(self.pia, initiative).can_approve)
        with self.assertRaisesRegex(AccessError, "who never owned it"):
            self._as(self.pia, initiative).action_approve()

    def test_sponsor_manager_and_officer_approve(self):
        for user, may in (
            (self.sue, True),
            (self.max, True),
            (self.pia, True),
            (self.olga, False),
        ):
            initiative = self._make()
            with self.subTest(user.name):
                self.assertEqual(self._as(user, initiative).can_approve, may)
        with self.assertRaises(AccessError):
            self._as(self.zoe, self._make()).action_approve()

    def test_a_sponsor_changes_nothing_else(self):
        initiative = self._as(self.sue, self._make())
        with self.assertRaises(AccessError):
            initiative.name = "Other"
        with self.assertRaises(AccessError):
            initiative.action_close()

    def test_who_follows_is_asked_of_each_person(self):
        initiative = self._make()
        initiative.message_subscribe(self.pia.partner_id.ids)
        for user, may in ((self.pia, True), (self.zoe, False)):
            with self.subTest(user.name):
                own = self._as(user, initiative)
                self.assertEqual(own.message_is_follower, may)
                self.assertEqual(own.has_access("read"), may)

    def test_no_status_is_left_out(self):
        initiative = self._make()
        for method in ("action_start", "action_go_live", "action_review"):
            with self.subTest(method), self.assertRaisesRegex(UserError, "Proposed"):
                getattr(initiative, method)()

    def test_the_status_is_not_written_by_hand(self):
        initiative = self._as(self.olga, self._make())
        for values in ({"status": "live"}, {"approved_by": self.olga.id}):
            with self.assertRaises(AccessError):
                initiative.write(values)
        with self.assertRaises(AccessError):
            initiative.create({"name": "New", "status": "approved"})

    def test_an_entered_go_live_stays(self):
        initiative = self._make(go_live_date="2026-01-05")
        self._as(self.pia, initiative).action_approve()
        initiative.action_start()
        initiative.action_go_live()
        self.assertEqual(initiative.go_live_date, date(2026, 1, 5))

    def test_nothing_went_live_on_a_day_to_come(self):
        today = Date.context_today(self.env.user)
        initiative = self._make()
        self._as(self.sue, initiative).action_approve()
        own = self._as(self.olga, initiative)
        for method in ("action_start", "action_go_live", "action_review"):
            with self.assertRaisesRegex(ValidationError, "as planned go-live"):
                with self.cr.savepoint():
                    own.go_live_date = today + timedelta(days=1)
            getattr(own, method)()
        self.assertEqual(initiative.go_live_date, today)

    def test_back_in_delivery_it_did_not_go_live(self):
        initiative = self._make(status="live", go_live_date="2026-01-05")
        own = self._as(self.olga, initiative)
        own.action_review()
        own.action_go_live()  # back to live: as it was
        self.assertEqual(initiative.go_live_date, date(2026, 1, 5))
        own.action_start()
        self.assertFalse(initiative.go_live_date)
        own.action_go_live()
        self.assertEqual(initiative.go_live_date, Date.context_today(own))

    def test_what_was_approved_is_archived_not_deleted(self):
        initiative = self._make()
        self._as(self.pia, initiative).action_approve()
        with self.assertRaisesRegex(UserError, "Archive it"):
            self._as(self.olga, initiative).unlink()
        initiative.active = False
        self.assertFalse(
            self.env["kpi.initiative"].search([("id", "=", initiative.id)])
        )

    def test_strangers_learn_nothing_by_deleting(self):
        initiative = self._make(name="Secret")
        self._as(self.pia, initiative).action_approve()
        for stranger in (self.zoe, self._make_far().owner_id):
            with self.subTest(stranger.name):
                with self.assertRaises(AccessError) as refused:
                    initiative.with_user(stranger).unlink()
                self.assertNotIn("Secret", str(refused.exception))

    def test_former_owners_do_not_approve(self):
        initiative = self._make(sponsor_id=False)
        initiative.with_user(self.pia).owner_id = self.pia
        initiative.with_user(self.pia).write(
            {"owner_id": self.zoe.id, "sponsor_id": self.pia.id}
        )
        self.assertEqual(initiative.former_owner_ids, self.olga | self.pia)
        own = self._as(self.pia, initiative)
        self.assertFalse(own.can_approve)
        with self.assertRaisesRegex(AccessError, "who never owned it"):
            own.action_approve()
        own = self._as(self.zoe, initiative)
        with self.assertRaises(AccessError):
            own.former_owner_ids = False

    def test_who_approved_does_not_become_the_owner(self):
        initiative = self._make()
        self._as(self.sue, initiative).action_approve()
        own = self._as(self.olga, initiative)
        with self.assertRaisesRegex(UserError, "cannot own it"):
            own.owner_id = self.sue
        own.owner_id = self.zoe
        self.assertEqual(initiative.owner_id, self.zoe)

    def test_what_was_approved_once_is_never_deleted(self):
        initiative = self._make()
        self._as(self.sue, initiative).action_approve()
        own = self._as(self.olga, initiative)
        own.action_close()
        own.action_reopen()
        self.assertEqual(initiative.status, "proposed")
        with self.assertRaisesRegex(UserError, "Archive it"):
            own.unlink()
        self.assertFalse(initiative.copy().was_approved)

    def test_owners_and_sponsors_work_in_the_company(self):
        portal = new_test_user(
            self.env, "benefit-portal", "base.group_portal", **self._in(self.company)
        )
        far = self._make_far().owner_id
        initiative = self._make()
        benefit = self._benefit(initiative)
        for record, name in (
            (initiative, "owner_id"),
            (initiative, "sponsor_id"),
            (benefit, "owner_id"),
        ):
            for person in (portal, far):
                with self.subTest(f"{name} {person.name}"):
                    with self.assertRaises(UserError), self.cr.savepoint():
                        record[name] = person

    def test_initiatives_move_to_own_companies_only(self):
        far = self._make_far().company_id
        own = self._as(self.pia, self._make(sponsor_id=False, department_id=False))
        with self.assertRaisesRegex(AccessError, "one of your companies"):
            own.company_id = far
        (self.pia | self.olga).company_ids += far
        both = own.with_context(allowed_company_ids=(self.company | far).ids)
        below = self._make(parent_id=own.id, active=False)
        with self.assertRaisesRegex(UserError, "has sub-initiatives. Move those first"):
            both.company_id = far
        below.unlink()
        self._benefit(own, owner_id=self.zoe.id)
        with self.assertRaisesRegex(UserError, "Zoe"), self.cr.savepoint():
            both.company_id = far
        own.benefit_ids.unlink()
        both.company_id = far
        self.assertEqual(own.sudo().company_id, far)

    def test_amounts_stay_in_their_currency(self):
        euro, dollar = self.env.ref("base.EUR"), self.env.ref("base.USD")
        (euro | dollar).active = True
        self.company.currency_id = euro
        far = self._make_far().company_id
        far.currency_id = dollar
        (self.olga | self.zoe).company_ids += far
        plain = {"sponsor_id": False, "department_id": False}
        initiative = self._make(**plain)
        benefit = self._benefit(initiative, active=False)
        spent = self._make(**plain, cost_ids=[Command.create({"planned": 5})])
        for one in (initiative, spent):
            with self.assertRaisesRegex(UserError, "amounts in EUR"):
                one.company_id = far
        benefit.unlink()
        initiative.company_id = far
        self.assertEqual(initiative.currency_id, dollar)
        far.currency_id = euro
        spent.company_id = far
        self.assertEqual(spent.company_id, far)

    def test_a_reference_is_used_once_in_a_company(self):
        self._make(reference="P-1")
        self._make_far(reference="P-1")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._make(reference="P-1")

    def test_the_next_gate_is_the_first_one_not_passed(self):
        today = Date.context_today(self.env["kpi.initiative"])
        initiative = self._make(
            gate_ids=[
                Command.create({"sequence": 3, "name": "Tender"}),
                Command.create(
                    {
                        "sequence": 2,
                        "name": "Case",
                        "planned_date": today - timedelta(9),
                        "forecast_date": today - timedelta(1),
                    }
                ),
                Command.create(
                    {"sequence": 1, "name": "Need", "actual_date": "2026-01-01"}
                ),
            ]
        )
        self.assertEqual(initiative.next_gate, "Case")
        self.assertEqual(initiative.next_gate_date, today - timedelta(1))
        case = initiative.gate_ids.filtered(lambda gate: gate.name == "Case")
        self.assertTrue(case.is_late)
        case.actual_date = today
        self.assertFalse(case.is_late)
        self.assertEqual(initiative.next_gate, "Tender")

    def test_no_gate_is_passed_on_a_day_to_come(self):
        today = Date.context_today(self.env.user)
        tomorrow = today + timedelta(days=1)
        case = {"name": "Case", "actual_date": tomorrow}
        with self.assertRaisesRegex(ValidationError, "Case.*as the forecast"):
            with self.cr.savepoint():
                self._make(gate_ids=[Command.create(case)])
        gates = [Command.create({"name": "Case", "forecast_date": tomorrow})]
        gate = self._as(self.olga, self._make(gate_ids=gates).gate_ids)
        with self.assertRaisesRegex(ValidationError, "is in the future"):
            with self.cr.savepoint():
                gate.actual_date = tomorrow
        gate.actual_date = today
        self.assertEqual(gate.actual_date, today)

    @freeze_time("2026-06-01 22:30:00")
    def test_the_day_of_a_gate_is_that_of_who_enters_it(self):
        gate = self._make(gate_ids=[Command.create({"name": "Case"})]).gate_ids
        gate = self._as(self.olga, gate)
        with self.assertRaisesRegex(ValidationError, "is in the future"):
            with self.cr.savepoint():
                gate.with_context(tz="UTC").actual_date = "2026-06-02"
        gate.with_context(tz="Europe/Berlin").actual_date = "2026-06-02"
        gate.with_context(tz="UTC").name = "Business case"
        self.assertEqual(gate.name, "Business case")

    def test_gates_and_costs_move_to_no_initiative_of_others(self):
        theirs = self._make()
        own = self._make(owner_id=self.zoe.id, sponsor_id=False, department_id=False)
        other = own.copy()
        gate = {"name": "Case", "initiative_id": own.id}
        for record in (
            self.env["kpi.initiative.gate"].create(gate),
            self.env["kpi.initiative.cost"].create({"initiative_id": own.id}),
        ):
            mine = self._as(self.zoe, record)
            with self.subTest(record), self.assertRaises(AccessError):
                mine.initiative_id = theirs
            mine.initiative_id = other
            self.assertEqual(record.initiative_id, other)

    def test_the_list_of_gates_shows_open_initiatives(self):
        gates = [Command.create({"name": "Case"})]
        shown = self._make(gate_ids=gates)
        others = self._make(gate_ids=gates) | self._make(gate_ids=gates)
        others[0].active = False
        others[1].action_close()
        action = self.env.ref("kpi_benefits.kpi_initiative_gate_action")
        found = self.env["kpi.initiative.gate"].search(
            [
                *literal_eval(action.domain),
                ("initiative_id", "in", (shown | others).ids),
            ]
        )
        self.assertEqual(found, shown.gate_ids)

    def test_copies_begin_anew(self):
        day = "2026-01-05"
        gate = dict.fromkeys(("planned_date", "forecast_date", "actual_date"), day)
        cost = dict.fromkeys(("planned", "forecast", "actual"), 5)
        copy = self._make(
            gate_ids=[Command.create({"name": "Case", **gate})],
            cost_ids=[Command.create(cost)],
        ).copy()
        gate, cost = copy.gate_ids, copy.cost_ids
        self.assertEqual(str(gate.planned_date), day)
        self.assertFalse(gate.forecast_date or gate.actual_date)
        self.assertEqual((cost.planned, cost.forecast, cost.actual), (5, False, False))

    def test_what_has_no_meaning_is_refused(self):
        for values in (
            {"name": "  "},
            {"planned_go_live_date": "0099-01-01"},
            {"cost_ids": [Command.create({"planned": float("nan")})]},
            {"cost_ids": [Command.create({"planned": float("inf")})]},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self._make(**values)

    @freeze_time("2026-06-01")
    def test_progress_is_what_was_typed_in_the_project(self):
        project = self.env["project.project"].create(
            {"name": "Capture", "company_id": self.company.id}
        )
        initiative = self._make(project_id=project.id)
        update = self.env["project.update"].create(
            {
                "name": "Half",
                "project_id": project.id,
                "progress": 50,
                "status": "at_risk",
            }
        )
        self.assertEqual(project.last_update_id, update)
        own = self._as(self.olga, initiative)
        self.assertEqual((own.project_progress, own.project_status), (50, "at_risk"))
