from datetime import date

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .proposal_case import ProposalCase
from .test_kpi_judged import TODAY

REFUSED = "Use “Propose a Change”"
MONTHS = {(2026, month): float(month) for month in range(1, 11)}


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestKpiDefinitionProposal(ProposalCase):
    """Formulas that change by proposal, from a period on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._report("Calls", MONTHS, code="p_calls")
        cls.twice = cls._formula("Twice", "p_calls * 2")
        cls.env["kpi.definition"]._recompute_formulas(date(2026, 1, 1))

    @classmethod
    def _formula(cls, name, formula, **values):
        kpi = cls.env["kpi.definition"].create(
            {
                "name": name,
                "code": f"p_{name.lower()}",
                "computation": "formula",
                "formula": formula,
                "calendar_id": cls.calendar.id,
                "history_start": date(2026, 1, 1),
                **values,
            }
        )
        kpi._track_for("company", cls.env.company)
        return kpi

    def _propose_formula(self, formula="p_calls * 3", day=(2026, 11)):
        return self._mine(self.twice)._propose(
            {"formula": formula},
            "Counted three times",
            valid_from=day and self._day(*day),
        )

    def _assert_refused(self, act, reason=REFUSED):
        with self.assertRaisesRegex(UserError, reason), self.cr.savepoint():
            act()

    def test_each_way_of_changing_a_formula_is_refused(self):
        self._guard("formula_modification")
        twice = self._mine(self.twice)
        self.assertTrue(twice.needs_proposal)
        for act in (
            lambda: twice.write({"formula": "p_calls * 3"}),
            lambda: twice.with_context(kpi_valid_from="all").write({"formula": "1"}),
            lambda: twice.with_context(kpi_valid_from="2026-12-01").write(
                {"formula": "p_calls * 3"}
            ),
            lambda: twice.write({"computation": "manual"}),
        ):
            self._assert_refused(act)
        twice.description = "free"
        twice.zones = "five"  # no formula
        self.assertFalse(twice.version_ids)

    def test_zones_of_a_kpi_are_guarded_as_targets(self):
        self._guard("target_change")
        self._assert_refused(lambda: self._mine(self.twice).write({"zones": "five"}))
        self._mine(self.twice).formula = "p_calls * 3"

    def test_a_kpi_without_values_is_free(self):
        self._guard("formula_modification")
        made = self._formula("Fresh", "p_calls * 5").with_user(self.olga)
        made.formula = "p_calls * 6"
        self.assertEqual(made.formula, "p_calls * 6")

    def test_it_holds_from_its_day(self):
        self._guard("formula_modification")
        change = self._propose_formula(day=(2026, 12))
        self.assertEqual(change.valid_from, date(2026, 12, 1))
        self._approve(change)
        versions = self.twice.version_ids.sorted("valid_from")
        self.assertEqual(versions.mapped("formula"), ["p_calls * 2", "p_calls * 3"])
        self.assertEqual(versions[-1].valid_from, date(2026, 12, 1))
        self.assertEqual(versions[-1].reason, "Counted three times")
        self.assertEqual(self.twice.formula, "p_calls * 2")

    def test_for_all_history(self):
        self._guard("formula_modification")
        self._approve(self._propose_formula(day=None))
        self.assertEqual(self.twice.formula, "p_calls * 3")
        self.assertFalse(self.twice.version_ids)

    def test_a_formula_that_changes_meanwhile_is_asked_anew(self):
        self._guard("formula_modification")
        change = self._propose_formula()
        self.twice._change({"formula": "p_calls * 9"}, date(2026, 11, 1))
        told = change.with_user(self.ann).action_approve()
        self.assertIn("A newer version has been submitted", told["params"]["message"])
        self.assertIn("p_calls * 9", change.summary)
        self._approve(change)
        self.assertEqual(self.twice.formula, "p_calls * 3")

    def test_nonsense_is_refused_when_it_is_proposed(self):
        self._guard("formula_modification")
        self._formula("Four", "p_twice * 2")
        for formula, reason in (
            ("p_calls *", "."),
            ("p_nothing + 1", "p_nothing"),
            ("p_four + 1", "→"),
            ("p_twice + 1", "."),
        ):
            for day in ((2026, 11), (2026, 12), None):
                with self.subTest(formula=formula, day=day):
                    self._assert_refused(
                        lambda f=formula, d=day: self._propose_formula(f, d), reason
                    )
        self.assertFalse(self._find_changes())
        self.assertEqual(self.twice.formula, "p_calls * 2")

    def test_a_definition_archived_meanwhile_gets_it_all_the_same(self):
        self._guard("formula_modification")
        change = self._propose_formula()
        self.twice.active = False
        self._approve(change)
        self.assertEqual(self.twice.formula, "p_calls * 3")

    def test_the_form_asks_for_a_proposal(self):
        self._guard("formula_modification")
        twice = self._mine(self.twice)
        asked = twice.get_change({"formula": "p_calls * 3"}, twice.id)
        self.assertTrue(asked["needs_proposal"])
        self.assertEqual(asked["choices"][0]["day"], "2026-11-01")
        action = twice.propose_change(
            {"formula": "p_calls * 3", "description": "Said at once"},
            "2026-11-01",
            "Counted three times",
        )
        change = self._find_changes()
        self.assertEqual(action["params"]["next"]["res_id"], change.id)
        self.assertEqual(change.vals, {"formula": "p_calls * 3"})
        self.assertIn("Said at once", twice.description)
        self._assert_refused(
            lambda: twice.propose_change({"description": "x"}, "all", "Why"),
            "No changes to propose",
        )

    def test_without_a_workflow_the_form_saves(self):
        twice = self._mine(self.twice)
        asked = twice.get_change({"formula": "p_calls * 3"}, twice.id)
        self.assertFalse(asked["needs_proposal"])
        self.assertIsNone(twice.get_change({"zones": "five"}, twice.id))

    def test_a_pack_proposes(self):
        self._guard("formula_modification")
        packs = self.env["kpi.pack"].with_user(self.olga)
        document = packs._read(packs._build_pack_text(self.twice, "Twice"))
        (entry,) = [
            each for each in document["definitions"] if each["code"] == "p_twice"
        ]
        entry["formula"] = "p_calls * 4"
        packs._import(document, self.env.company)
        change = self._find_changes()
        self.assertEqual(change.vals, {"formula": "p_calls * 4"})
        self.assertEqual(change.valid_from, date(2026, 11, 1))
        self.assertEqual(self.twice.formula, "p_calls * 2")
