import hashlib

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.kpi_base.audit import parse_entry_values

from .review_case import ReviewCase


@tagged("post_install", "-at_install")
class TestKpiReviewFigure(ReviewCase):
    """Figures are frozen and logged; each is read by who may see what it is from."""

    def test_figures_are_those_of_the_moment_of_submission(self):
        review = self._submitted()
        cases = {  # 3 of 6 months of 1,000 are over, 800 came in each
            ("total", "expected_value"): 6000,
            ("total", "planned_to_date"): 3000,
            ("total", "realized_value"): 2400,
            ("total", "realization_rate"): 0.8,
            ("cost", "planned_cost"): 2500,
            ("cost", "actual_cost"): 3125,
            ("type", "realization_rate"): 0.8,
            ("status", "expected_value"): 6000,
            ("benefit", "realized_value"): 2400,
        }
        for (kind, code), value in cases.items():
            figure = self._figure(review, code, kind)
            self.assertAlmostEqual(figure.value, value, msg=code)
        self.assertEqual(self._figure(review, "go_live_date").text, "2026-02-06")
        gate = self._figure(review, "actual_date", "gate")
        self.assertEqual((gate.name, gate.text), ("Go-live", "2026-02-06"))
        self.assertFalse(any(review.figure_ids.mapped("is_changed")))

    def test_a_rate_is_a_ratio_of_sums(self):
        other = self._benefit(
            self.initiative,
            amount=3000,
            date_from=self.benefit.date_from,
            date_to=self.benefit.date_to,
        )
        other.period_ids.sorted("period_start")[:3].realized = 3000
        review = self._submitted()
        rate = self._figure(review, "realization_rate", "type")
        # (3 × 800 + 3 × 3,000) / (3 × 1,000 + 3 × 3,000)
        self.assertAlmostEqual(rate.value, 0.95)

    def test_what_is_corrected_later_shows_both(self):
        review = self._published()
        self.benefit.period_ids.sorted("period_start")[:1].realized = 500
        figure = self._figure(review, "realized_value")
        self.assertTrue(figure.is_changed)
        self.assertAlmostEqual(figure.value, 2400)
        self.assertIn("2,400", figure.shown)
        self.assertIn("2,100", figure.shown_now)
        self.assertGreater(review.changed_figure_count, 1)
        self.assertTrue(review.verify_history()["is_whole"])

    def test_each_figure_is_in_the_log(self):
        review = self._submitted()
        log = self.env["kpi.audit.log"]
        entries = log.search(
            [
                ("model", "=", review._name),
                ("res_id", "=", review.id),
                ("event_type", "=", "figure_added"),
            ]
        )
        said = {
            values["figure"]: values["value"]
            for values in map(parse_entry_values, entries.mapped("text"))
        }
        self.assertEqual(set(said), set(review.figure_ids.ids))
        figure = self._figure(review, "realized_value")
        self.assertEqual(said[figure.id], "2400.000000")
        self.assertTrue(review.verify_history()["is_whole"])

    def test_the_fingerprint_can_be_made_by_hand(self):
        review = self._submitted()
        lines = sorted(
            f"{one.kind}|{one.subject or ''}|{one.code}|"
            + (one.text or "" if one.value is False else f"{one.value:.6f}")
            for one in review.figure_ids
        )
        expected = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        self.assertEqual(review.figures_hash, expected)

    def test_verifying_names_the_figure_that_was_edited(self):
        review = self._published()
        figure = self._figure(review, "realized_value", "benefit")
        self._change_past_odoo("kpi_review_figure", figure, value=9999)
        found = review.verify_history()
        self.assertFalse(found["is_whole"])
        (fault,) = found["faults"]
        self.assertIn("Less work: Realized", fault["text"])
        (fault,) = self.env["kpi.audit.log"]._verify(review)
        self.assertEqual(fault.row, ("kpi.review.figure", figure.id))

    def test_verifying_finds_texts_words_and_removed_figures(self):
        review = self._published()
        status = self._figure(review, "status", "benefit")
        cases = (
            ("post_implementation_reviews", review, {"executive_summary": "Better"}),
            ("post_implementation_reviews", review, {"figures_hash": "0" * 64}),
            ("post_implementation_reviews", review, {"status": "draft"}),
            ("kpi_review_figure", status, {"text": "realized"}),
        )
        for table, record, values in cases:
            with self.subTest(values), self.cr.savepoint() as point:
                self._change_past_odoo(table, record, **values)
                self.assertFalse(review.verify_history()["is_whole"])
                point.rollback()
            self.env.invalidate_all()
        self.env.cr.execute(
            "DELETE FROM kpi_review_figure_benefit_rel WHERE kpi_review_figure_id = %s",
            (status.id,),
        )
        self.env.cr.execute("DELETE FROM kpi_review_figure WHERE id = %s", (status.id,))
        self.env.invalidate_all()
        self.assertFalse(review.verify_history()["is_whole"])

    def test_submitted_again_the_figures_are_new_ones(self):
        review = self._submitted()
        self._as(self.sue, review).action_return("Once more.")
        self.benefit.period_ids.sorted("period_start")[:1].realized = 500
        review.action_submit()
        self.assertAlmostEqual(self._figure(review, "realized_value").value, 2100)
        self.assertTrue(review.verify_history()["is_whole"])

    def test_no_figure_of_a_benefit_that_the_reader_may_not_see(self):
        review = self._published()
        # Rules may hide single benefits, as those of KPIs do.
        self.env["ir.rule"].create(
            {
                "name": "hidden",
                "model_id": self.env["ir.model"]._get_id("kpi.benefit.realization"),
                "domain_force": f"[('id', '!=', {self.benefit.id})]",
            }
        )
        seen = self._as(self.pia, review)
        self.assertEqual(
            set(seen._find_figures().mapped("kind")), {"cost", "gate"} | ({"total"})
        )
        self.assertEqual(
            set(
                seen._find_figures()
                .filtered(lambda f: f.kind == "total")
                .mapped("code")
            ),
            {"planned_go_live_date", "go_live_date"},
        )
        self.assertTrue(seen.has_hidden_figures)
        name, _type, content = seen._get_file("html")
        self.assertTrue(name.endswith(".html"))
        self.assertNotIn(b"2,400", content)
        self.assertIn(b"Figures you cannot access are hidden.", content)
        self.assertFalse(
            [one for one in seen._suggest_insights() if "2,400" in one["text"]]
        )
        figure = self._figure(review.sudo(), "realized_value")
        hidden = self._as(self.pia, figure).sudo(False)
        with self.assertRaises(AccessError), self.cr.savepoint():
            hidden.read(["value"])

    def test_nobody_writes_figures(self):
        review = self._submitted()
        for user in (self.olga, self.pia, self.env.ref("base.user_admin")):
            figure = self._figure(review, "realized_value").with_user(user)
            with self.assertRaises(AccessError), self.cr.savepoint():
                figure.write({"value": 1})

    def test_a_rate_of_return_is_the_same_in_every_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self._spread_costs()
        review = self._published()
        figure = self._figure(review, "irr")
        self.assertAlmostEqual(figure.value, 2000 / 1500 - 1, places=6)
        german = figure.with_context(lang="de_DE")
        self.assertFalse(german.is_changed)
        self.assertEqual((figure.shown, german.shown), ("33.3%", "33,3\u00a0%"))

    def _spread_costs(self):
        """1,500 a year before a benefit of 2,000."""
        self.initiative.cost_ids.unlink()
        self.env["kpi.initiative.cost"].create(
            {
                "initiative_id": self.initiative.id,
                "period_start": "2026-01-01",
                "planned": 1500,
            }
        )
        self.benefit.period_ids.realized = False
        plan = {"amount": 2000, "is_recurring": False, "date_from": "2027-01-01"}
        self.benefit.write({**plan, "date_to": False})
        self.benefit.period_ids.filtered(lambda one: not one.planned).unlink()

    def test_no_rate_of_return_is_a_word_in_every_language(self):
        self._spread_costs()
        self.benefit.amount = -5
        review = self._submitted()
        figure = self._figure(review, "irr")
        self.assertEqual((figure.value, figure.text), (False, "none"))
        self.assertEqual((figure.shown, figure.is_changed), ("none", False))
        self.benefit.amount = 2000
        self.env.invalidate_all()
        self.assertEqual(figure.shown_now, "33.3%")

    def test_a_status_and_a_figure_read_differently(self):
        self.benefit.status = "planned"
        review = self._submitted()
        labels = review.figure_ids.filtered(lambda one: one.kind == "status")
        self.assertEqual(
            labels.mapped("label"),
            [
                "Status “Planned”: Planned Value",
                "Status “Planned”: Planned to Date",
                "Status “Planned”: Realized Value",
                "Status “Planned”: Realization Rate",
            ],
        )

    def test_a_payback_within_the_first_year_says_so(self):
        review = self._submitted()
        figure = self._figure(review, "payback_years")
        self.assertEqual(
            (figure.value, figure.shown), (0, "Within the first calendar year")
        )

    def test_what_is_gone_has_changed(self):
        review = self._published()
        self.benefit.active = False
        self.initiative.gate_ids.unlink()
        self.env.invalidate_all()
        gone = review.figure_ids.filtered(
            lambda one: one.kind in ("benefit", "type", "status", "gate")
        )
        self.assertEqual(set(gone.mapped("shown_now")), {"–"})
        self.assertTrue(all(gone.mapped("is_changed")))
        self.assertFalse(self._figure(review, "planned_cost", "cost").is_changed)

    def test_a_status_that_no_benefit_has_any_more_has_changed(self):
        review = self._published()
        self.benefit.status = "at_risk"
        self.env.invalidate_all()
        figure = self._figure(review, "realized_value", "status")
        self.assertEqual((figure.subject, figure.shown_now), ("planned", "–"))

    def test_what_is_gone_says_nothing_of_hidden_benefits(self):
        review = self._published()
        hidden = self._benefit(self.initiative, name="Hidden")
        self.env["ir.rule"].create(
            {
                "name": "hidden",
                "model_id": self.env["ir.model"]._get_id("kpi.benefit.realization"),
                "domain_force": f"[('id', '!=', {hidden.id})]",
            }
        )
        self.benefit.status = "at_risk"
        figure = self._as(self.pia, self._figure(review, "realized_value", "status"))
        for status in ("planned", "realized"):
            hidden.evidence = "Counted"
            hidden.status = status
            self.env.flush_all()
            self.env.invalidate_all()
            self.assertFalse(figure.is_changed)

    def test_a_programme_is_reviewed_with_what_is_below(self):
        program = self._make(name="Programme", gate_ids=False)
        self.initiative.parent_id = program
        own = self._benefit(program, name="Own")
        program.message_subscribe(self.zoe.partner_id.ids)
        review = self._published(initiative_id=program.id)
        planned = self._figure(review, "expected_value")
        self.assertEqual(planned.value, 12000)
        self.assertEqual(planned.benefit_ids, own | self.benefit)
        self.assertIn("Less work", review.figure_ids.mapped("name"))
        self.assertFalse(any(review.figure_ids.mapped("is_changed")))
        # Who sees the programme only sees its own figures.
        self.env.invalidate_all()
        seen = self._as(self.zoe, review)
        self.assertTrue(seen.has_access("read"))
        self.assertTrue(seen.has_hidden_figures)
        self.assertNotIn("Less work", seen._find_figures().mapped("name"))
        self.assertNotIn("expected_value", seen._find_figures().filtered(
            lambda one: one.kind == "total"
        ).mapped("code"))  # fmt: skip
        self.initiative.parent_id = False
        self.env.invalidate_all()
        self.assertIn("6,000", planned.shown_now)

    def test_costs_of_a_programme_add_up_to_what_is_appraised(self):
        program = self._make(name="Programme", gate_ids=False)
        self.initiative.parent_id = program
        cost = self.env["kpi.initiative.cost"]
        cost.create({"initiative_id": program.id, "planned": 700})
        middle = self._make(name="Bare", parent_id=program.id)
        deep = self._make(name="Deep", parent_id=middle.id)
        cost.create({"initiative_id": deep.id, "planned": 900, "forecast": 1000})
        (program | middle).message_subscribe(self.zoe.partner_id.ids)
        review = self._published(initiative_id=program.id)
        rows = review.figure_ids.filtered(
            lambda one: (one.kind, one.code) == ("cost", "planned_cost")
        )
        self.assertEqual(
            {one.name: one.value for one in rows},
            {False: 4100, "Programme": 700, "Capture invoices": 2500, "Deep": 900},
        )
        # 2,500 + 700 + 1,000, which is the forecast
        bcr = self._figure(review, "bcr").value
        npv = self._figure(review, "npv").value
        self.assertAlmostEqual(bcr, (npv + 4200) / 4200, delta=0.006)
        self.assertFalse(any(review.figure_ids.mapped("is_changed")))
        self.assertIn("Deep: Forecast Cost", rows.review_id.figure_ids.mapped("label"))
        # Zoe sees neither what is captured nor what is deep: no sum with their costs.
        self.env.flush_all()
        self.env.invalidate_all()
        seen = self._as(self.zoe, review)
        found = seen._find_figures()
        known = {(one.name, one.value) for one in found if one.kind == "cost"}
        self.assertIn(("Programme", 700), known)
        self.assertNotIn("Deep", {name for name, _value in known})
        self.assertNotIn(False, {name for name, _value in known})
        self.assertFalse({"npv", "irr", "bcr"} & set(found.mapped("code")))
        for said in (seen._suggest_insights(), [seen._get_file("html")[2].decode()]):
            self.assertNotIn("4,100", str(said))
            self.assertNotIn("Deep", str(said))
        # What is hidden and changes is no change for her.
        deep.cost_ids.planned = 905
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(any(self._as(self.zoe, review)._find_figures().mapped(
            "is_changed"
        )))  # fmt: skip
        self.assertIn("4,105", rows.filtered(lambda one: not one.subject).shown_now)

    def test_who_does_not_see_costs_below_does_not_review_them(self):
        program = self._make(name="Programme", gate_ids=False, status="live")
        deep = self._make(name="Deep", parent_id=program.id, sponsor_id=False)
        self.env["kpi.initiative.cost"].create(
            {"initiative_id": deep.id, "planned": 900}
        )
        program.message_subscribe(self.rita.partner_id.ids)
        with self.assertRaisesRegex(UserError, "cannot see all"):
            self._submitted(initiative_id=program.id, reviewer_id=self.rita.id)
        deep.message_subscribe(self.rita.partner_id.ids)
        self._submitted(initiative_id=program.id, reviewer_id=self.rita.id)
        with self.assertRaisesRegex(UserError, "part of a review"):
            deep.unlink()

    def test_a_benefit_stays_where_it_was_reviewed(self):
        self._submitted()
        other = self._make(name="Other")
        with self.assertRaisesRegex(UserError, "of a review and cannot be moved"):
            self.benefit.initiative_id = other
        self.benefit.initiative_id = self.initiative
        new = self._benefit(self.initiative, name="New")
        new.initiative_id = other
