import runpy
from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.modules.module import get_module_path
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from ...models.finding import Finding
from .benefit_case import BenefitCase

CRITICAL, MEDIUM = ("critical",) * 2, ("medium",) * 2


@freeze_time("2026-04-15")
class TestKpiValueLeakage(BenefitCase):
    def _leak(self, benefit=None, **values):
        benefit = benefit or self._benefit()
        return self.env["kpi.value.leakage"].create(
            {
                "name": "Paper forms",
                "benefit_id": benefit.id,
                "estimated_impact": 500,
                **values,
            }
        )

    def _realize(self, benefit, *amounts):
        for period, amount in zip(benefit.period_ids, amounts, strict=False):
            period.realized = amount

    def test_it_belongs_to_the_initiative_of_its_benefit(self):
        benefit = self._benefit()
        leakage = self._leak(benefit)
        self.assertEqual(leakage.initiative_id, benefit.initiative_id)
        self.assertEqual(leakage.company_id, self.company)
        other = self._make(name="Other")
        with self.assertRaisesRegex(ValidationError, "of the same initiative"):
            self._leak(benefit, initiative_id=other.id)
        benefit.initiative_id = other
        self.assertEqual(leakage.initiative_id, other)

    def test_what_is_resolved_is_not_still_being_lost(self):
        shown = self.env["kpi.value.leakage"].get_views([(False, "kanban")])
        self.assertNotIn("still", shown["views"]["kanban"]["arch"])
        field = self.env["kpi.value.leakage"]._fields["lost_value"]
        self.assertEqual(field.string, "Not Recovered")

    def test_severity_is_suggested_by_the_impact(self):
        benefit = self._benefit()  # 6,000 in all
        self.assertEqual(self._leak(benefit).severity, "medium")
        leakage = self._leak(benefit, estimated_impact=600)
        self.assertEqual(leakage.severity, "high")
        leakage.estimated_impact = 3000
        self.assertEqual((leakage.severity, leakage.suggested_severity), CRITICAL)
        benefit.amount *= 10
        self.assertEqual((leakage.severity, leakage.suggested_severity), MEDIUM)

    def test_another_severity_has_a_reason(self):
        leakage = self._leak(severity="low")
        self.assertEqual(leakage.severity_reason, f"Set by {self.env.user.name}")
        leakage.write({"severity": "high", "severity_reason": "A supplier leaves"})
        leakage.estimated_impact = 3000
        self.assertEqual(leakage.severity, "high", "people decide")
        leakage.severity = "critical"
        self.assertFalse(leakage.severity_reason, "it is the suggested one")
        leakage.estimated_impact = 500
        self.assertEqual((leakage.severity, leakage.suggested_severity), MEDIUM)

    def test_severities_of_earlier_days_become_one(self):
        found, decided = self._leak(severity="low"), self._leak(severity="low")
        (found | decided).severity_reason = False
        found.source = "detected"
        path = get_module_path("kpi_benefits") + "/migrations/19.0.1.1.0"
        script = runpy.run_path(f"{path}/post-severity.py")
        script["migrate"](self.env.cr, "19.0.1.0.0")
        self.assertEqual((found.severity, decided.severity), ("medium", "low"))
        self.assertFalse(found.severity_reason)
        self.assertTrue(decided.severity_reason)

    def test_a_cost_overrun_of_a_programme_is_measured_by_all_its_costs(self):
        benefit = self._benefit()
        top = self._make(name="Digital")
        benefit.initiative_id.parent_id = top
        cost = {"initiative_id": benefit.initiative_id.id, "planned": 50_000}
        self.env["kpi.initiative.cost"].create(cost)
        leakage = self._leak(
            benefit,
            benefit_id=False,
            kind="cost_overrun",
            initiative_id=top.id,
            estimated_impact=500,
        )
        self.assertEqual((leakage.severity, leakage.suggested_severity), ("low", "low"))

    def test_a_cost_overrun_is_measured_by_the_cost(self):
        benefit = self._benefit()  # 6,000 in all
        initiative = benefit.initiative_id
        about = {"initiative_id": initiative.id, "estimated_impact": 600}
        leakage = self._leak(benefit, benefit_id=False, kind="cost_overrun", **about)
        self.assertEqual(leakage.severity, "critical", "nothing was planned")
        cost = {"initiative_id": initiative.id, "planned": 20_000}
        self.env["kpi.initiative.cost"].create(cost)
        self.assertEqual(leakage.suggested_severity, "medium")
        leakage.kind = "other"
        self.assertEqual(leakage.suggested_severity, "high")
        of_benefit = self._leak(benefit, kind="cost_overrun", estimated_impact=600)
        self.assertEqual(of_benefit.severity, "high")
        # Who owns the benefit need not see what the initiative costs.
        benefit.owner_id = self.zoe
        found = self._as(self.zoe, of_benefit).suggested_severity
        self.assertEqual(found, "high")

    def test_each_status_needs_what_is_to_be_known(self):
        leakage = self._leak()
        for status, message in (
            ("mitigating", "mitigation plan"),
            ("accepted", "enter the acceptance reason"),
            ("resolved", "cannot change to"),
        ):
            with (
                self.subTest(status),
                self.assertRaisesRegex(UserError, message),
                self.cr.savepoint(),
            ):
                leakage.status = status
        leakage.action_investigate()
        leakage.mitigation_plan = "Training"
        leakage.action_mitigate()
        with self.assertRaisesRegex(ValidationError, "root cause"), self.cr.savepoint():
            leakage.action_resolve()
        leakage.root_cause = "No tablets at two sites"
        leakage.action_resolve()
        self.assertFalse(leakage.is_open)
        self.assertEqual(str(leakage.closed_on), "2026-04-15")
        with self.assertRaisesRegex(ValidationError, "root cause"), self.cr.savepoint():
            leakage.root_cause = "  "
        leakage.action_investigate()
        self.assertFalse(leakage.closed_on)

    def test_a_new_one_begins_at_the_beginning(self):
        with self.assertRaisesRegex(UserError, "must start as “Identified”"):
            self._leak(status="resolved")

    def test_open_ones_are_found(self):
        leakage = self._leak()
        done = self._leak(acceptance_reason="Too small")
        done.action_accept()
        found = self.env["kpi.value.leakage"].search([("is_open", "=", True)])
        self.assertIn(leakage, found)
        self.assertNotIn(done, found)

    def test_what_was_recovered_is_a_part_of_the_impact(self):
        leakage = self._leak(recovered_amount=200)
        self.assertEqual(leakage.lost_value, 300)
        with (
            self.assertRaisesRegex(ValidationError, "“Excess Recovery Reason”"),
            self.cr.savepoint(),
        ):
            leakage.recovered_amount = 501
        leakage.write({"recovered_amount": 501, "recovery_note": "Paid damages"})
        self.assertEqual(leakage.lost_value, 0)

    def test_amounts_without_sense_are_refused(self):
        leakage = self._leak()
        for amount, error in (
            (float("nan"), ValidationError),
            (float("inf"), ValidationError),
            (1e300, ValidationError),
            (-1, IntegrityError),
        ):
            for name in ("estimated_impact", "recovered_amount"):
                with (
                    self.subTest(name, amount=amount),
                    mute_logger("odoo.sql_db"),
                    self.assertRaises(error),
                    self.cr.savepoint(),
                ):
                    leakage[name] = amount
                    leakage.flush_recordset()

    def test_it_explains_a_part_of_the_shortfall_and_is_none_beside_it(self):
        benefit = self._benefit()  # 1,000 a month; January to March are over
        self._realize(benefit, 600, 600, 600)
        self.assertEqual(benefit.shortfall, 1200)
        leakage = self._leak(benefit, estimated_impact=700, recovered_amount=200)
        self.assertEqual(benefit.explained_shortfall, 500)
        self.assertEqual(benefit.unexplained_shortfall, 700)
        leakage.estimated_impact = 9000
        self.assertEqual(benefit.explained_shortfall, 1200)
        self.assertEqual(benefit.unexplained_shortfall, 0)
        leakage.active = False
        self.assertEqual(benefit.explained_shortfall, 0)

    def test_the_shortfall_of_an_initiative_is_that_of_its_benefits(self):
        benefit = self._benefit()
        initiative = benefit.initiative_id
        self._realize(benefit, 600, 600, 600)
        ahead = self._benefit(initiative)
        self._realize(ahead, 1100, 1100, 1100)
        self._leak(benefit, estimated_impact=500)
        self._leak(benefit, benefit_id=False, initiative_id=initiative.id)
        self.assertEqual(initiative.shortfall, 900)
        self.assertEqual(initiative.explained_shortfall, 900)
        self.assertEqual(initiative.open_leakage_count, 2)

    def test_costs_and_double_claims_are_no_missing_benefits(self):
        benefit = self._benefit()
        initiative = benefit.initiative_id
        self._realize(benefit, 600, 600, 600)  # 1,200 missing
        about = {"benefit_id": False, "initiative_id": initiative.id}
        leakages = [
            self._leak(benefit, kind=kind, **values)
            for kind in ("cost_overrun", "double_claim")
            for values in ({}, about)
        ]
        self.assertEqual(benefit.explained_shortfall, 0)
        self.assertEqual(initiative.explained_shortfall, 0)
        leakages[1].kind = "delay"
        self.assertEqual(initiative.explained_shortfall, 500)
        leakages[0].kind = "decay"
        self.assertEqual(benefit.explained_shortfall, 500)
        self.assertEqual(initiative.explained_shortfall, 1000)

    def test_actions_mitigate_it(self):
        definition = self.env["kpi.definition"].create(
            {"name": "Forms on paper", "company_id": self.company.id}
        )
        report = definition._track_for("company", self.company)
        item = self.env["kpi.action.item"].create(
            {
                "description": "Train both sites",
                "report_id": report.id,
                "assigned_to": self.pia.id,
            }
        )
        leakage = self._leak()
        leakage.write({"action_items": [Command.link(item.id)], "status": "mitigating"})
        self.env.invalidate_all()
        own = self._as(self.olga, leakage)
        self.assertFalse(own.action_items, "she does not see the KPI")
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(self.olga, self._leak(leakage.benefit_id)).write(
                {"action_items": [Command.link(item.id)]}
            )
        own.evidence = "Counted"  # what others linked is no obstacle
        own.root_cause = "Old forms"
        self.assertEqual(leakage.action_items, item)

    def test_a_finding_is_filed_once(self):
        benefit = self._benefit()
        leakages = self.env["kpi.value.leakage"]

        def file(lost=100.0, evidence="Falls by 5% a month.", month=2):
            first = date(2026, month, 1)
            return leakages._file(Finding("decay", benefit, first, lost, 0.0, evidence))

        filed = file()
        self.assertEqual(filed.source, "detected")
        self.assertEqual(filed.name, "Decay: Less work")
        self.assertEqual(filed.severity, "low")
        self.assertEqual(file(700.0, "More."), filed)
        self.assertEqual((filed.estimated_impact, filed.evidence), (700, "More."))
        filed.action_investigate()
        self.assertEqual(file(900.0), filed)
        self.assertEqual(filed.estimated_impact, 700, "people look at it")
        filed.active = False
        self.assertEqual(file(), filed)
        self.assertNotEqual(file(month=3), filed)
        text, initiative = "20% above the plan.", benefit.initiative_id
        first = date(2026, 1, 1)
        about = leakages._file(
            Finding("cost_overrun", initiative, first, 10.0, 0.0, text)
        )
        self.assertFalse(about.benefit_id)

    def test_strangers_file_nothing(self):
        benefit = self._benefit()
        leakages = self._as(self.zoe, self.env["kpi.value.leakage"])
        with self.assertRaises(AccessError):
            own = self._as(self.zoe, benefit)
            leakages._file(Finding("decay", own, date(2026, 1, 1), 1.0, 0.0, "x"))

    def test_a_context_proposes_where_it_belongs_and_nothing_more(self):
        benefit = self._benefit()
        leakages = self._as(self.olga, self.env["kpi.value.leakage"])
        about = leakages.with_context(default_benefit_id=benefit.id)
        leakage = about.create({"name": "Paper", "estimated_impact": 600})
        self.assertEqual(leakage.initiative_id, benefit.initiative_id)
        self.assertEqual(leakage.severity, "high")
        about = leakages.with_context(default_initiative_id=benefit.initiative_id.id)
        self.assertFalse(about.create({"name": "Paper"}).benefit_id)
        closed = leakages.with_context(
            default_status="accepted", default_acceptance_reason="Too small"
        )
        with self.assertRaisesRegex(UserError, "must start as “Identified”"):
            closed.create({"name": "Paper", "benefit_id": benefit.id})

    def test_what_was_looked_at_is_archived_not_deleted(self):
        leakage = self._leak()
        leakage.action_investigate()
        with self.assertRaisesRegex(UserError, "Archive"):
            leakage.unlink()
        self._leak(leakage.benefit_id).unlink()

    def test_a_draft_takes_its_leakages_along(self):
        initiative = self._leak().initiative_id
        initiative.unlink()
        self.assertFalse(self.env["kpi.value.leakage"].search(
            [("initiative_id", "=", initiative.id)]
        ))  # fmt: skip

    def test_people_set_neither_source_nor_key(self):
        leakage = self._leak()
        own = self._as(self.olga, leakage)
        for name, value in (("source", "detected"), ("detection_key", "x")):
            with self.assertRaises(AccessError), self.cr.savepoint():
                own.write({name: value})

    def test_the_owner_of_a_benefit_keeps_leakages_there(self):
        benefit = self._benefit(owner_id=self.zoe.id)
        own = self._as(self.zoe, self._leak(benefit))
        own.evidence = "Counted"
        with self.assertRaises(AccessError), self.cr.savepoint():
            own.benefit_id = False
        with self.assertRaises(AccessError), self.cr.savepoint():
            own.benefit_id = self._benefit(benefit.initiative_id)

    def test_others_see_and_change_nothing(self):
        leakage = self._leak()
        self.assertEqual(self._as(self.sue, leakage).name, "Paper forms")
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(self.sue, leakage).evidence = "x"
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(self.zoe, leakage).read(["name"])
        far = self._leak(self._benefit(self._make_far()))
        for action in (
            lambda one: one.read(["name"]),
            lambda one: one.write({"name": "x"}),
            lambda one: one.unlink(),
            lambda one: one.action_investigate(),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                action(self._as(self.pia, far))
