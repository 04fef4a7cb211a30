import base64
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user

from odoo.addons.kpi_base.engine.tabular import find_header, open_table
from odoo.addons.kpi_base.names import NameIndex

from ..deal_case import GROUP, DealCase

TITLES = (
    "opportunity_id,sales_agent,account,deal_stage,engage_date,close_date,close_value"
)

IMPORT = "odoo.addons.kpi_base.models.file_import.kpi_import"
BATCHES = "odoo.addons.kpi_base.models.file_import.import_run"
DEALS = "odoo.addons.kpi_deal_pipeline.models.integration.kpi_import_deal"
CREATES = {"creates_agents": True, "creates_partners": True}


class TestKpiImportDeal(DealCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        officer = "kpi_base.kpi_base_group_officer"
        cls.importer = new_test_user(
            cls.env,
            "deal-importer",
            groups=f"base.group_user,base.group_partner_manager,{officer},{GROUP}admin",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _import(self, *rows, user=None, **values):
        job = (
            self.env["kpi.import"]
            .with_user(user or self.importer)
            .create(
                {
                    "file": base64.b64encode("\n".join([TITLES, *rows]).encode()),
                    "file_name": "deals.csv",
                    "target_model": "kpi.import.deal",
                    "company_id": self.company.id,
                    **values,
                }
            )
        )
        job.action_read()
        return job

    def _imported(self, *rows, **values):
        job = self._import(*rows, **values)
        self.assertFalse(job.question)
        job.action_import()
        return job

    def _counts(self, job):
        return job.added_count, job.changed_count, job.equal_count, job.refused_count

    def _deal_of(self, reference):
        return self.env["kpi.deal"].search([("external_ref", "=", reference)])

    def _reasons(self, job):
        table = open_table(base64.b64decode(job.refused_file))
        header = find_header(table.rows())
        return [row.cells[-1] for row in table.rows() if row.number > header.number]

    def test_the_form_asks_what_the_chosen_target_wants_to_know(self):
        job = self._import("A1,deal-agent,,Won,,,", target_options=CREATES)
        job.action_back()
        form = Form(job)
        keys = {option["key"] for option in form.asked_options}
        self.assertEqual(keys, {"creates_agents", "creates_partners"})
        self.assertFalse(form.has_period_columns)
        form.target_model = "kpi.import.billing"
        self.assertFalse(form.asked_options)
        form.save()
        self.assertFalse(job.target_options)

    def test_rows_become_deals_with_their_past(self):
        job = self._imported(
            "A1,deal-agent,Anchor,Won,2025-10-20,2025-12-01,1054",
            "A2,deal-agent,Anchor,Lost,2025-10-20,2025-12-02,0",
            "A3,deal-other,,Engaging,2025-11-05,,",
        )
        self.assertEqual(self._counts(job), (3, 0, 0, 0), job.error)
        won, lost, still = map(self._deal_of, ("A1", "A2", "A3"))
        self.assertEqual((won.status, won.partner_id), ("closed_won", self.customer))
        self.assertEqual(won.title, "Anchor · A1")
        self.assertEqual(str(won.actual_close_date), "2025-12-01")
        first, second = won.stage_event_ids.sorted("id")
        self.assertEqual((second.effective_at - first.effective_at).days, 42)
        self.assertEqual(lost.lost_reason_id.name, "Unknown")
        self.assertEqual(
            (still.pipeline_stage, still.agent_id), ("qualification", self.other)
        )
        self.assertTrue(won.verify_history()["is_whole"])

    def test_a_check_says_which_deal_each_row_goes_to(self):
        known = "A1,deal-agent,Anchor,Won,2025-10-20,2025-12-01,1054"
        self._imported(known)
        job = self._import(known, "A2,deal-agent,,Engaging,2025-11-05,,")
        job.action_check()
        self.assertEqual(
            [row["record"] for row in job.check_page["accepted"]],
            ["Anchor · A1 (A1)", "New: A2"],
        )
        self.assertEqual(job.import_label, "Import 2 Rows")

    def test_missing_agents_and_counterparties_are_created_by_one_click(self):
        job = self._import("A1,Nora New,Nowhere,Engaging,2025-11-05,,")
        job.action_check()
        (fix,) = job.check_page["fixes"]
        self.assertIn("“Create Missing Agents”", fix["label"])
        job.action_fix(fix["key"])
        self.assertEqual((job.state, job.import_count), ("checked", 1))
        self.assertFalse(self._deal_of("A1"))

    def test_a_row_without_a_stage_is_refused(self):
        job = self._imported("A1,deal-agent,,,2025-11-05,,")
        self.assertEqual(self._reasons(job), ["The row has no stage."])

    def test_the_same_file_again_changes_nothing(self):
        rows = (
            "A1,deal-agent,Anchor,Won,2025-10-20,2025-12-01,1054",
            "A3,deal-other,,Engaging,2025-11-05,,",
        )
        self._imported(*rows)
        self.assertEqual(self._counts(self._imported(*rows)), (0, 0, 2, 0))
        moved = "A3,deal-other,,Won,2025-11-05,2025-12-24,50"
        self.assertEqual(self._counts(self._imported(rows[0], moved)), (0, 1, 1, 0))
        deal = self._deal_of("A3")
        self.assertEqual(deal.status, "closed_won")
        self.assertEqual(str(deal.actual_close_date), "2025-12-24")
        self.assertEqual(len(deal.stage_event_ids), 2)

    def test_what_was_imported_is_shown_and_nothing_else(self):
        self._imported("A1,deal-agent,,Engaging,2025-11-05,,")
        rows = ("A2,deal-agent,,Engaging,2025-11-05,,", "A3,deal-agent,,,2025-11-05,,")
        job = self._imported(*rows)  # the second has no stage
        shown = self.env["kpi.deal"].search(job.action_open_records()["domain"])
        self.assertEqual(shown.mapped("external_ref"), ["A2"])

    def test_refused_rows_cost_at_most_twice_good_ones(self):
        line = "Z{n},{agent},Account {n},{stage},{opened},2025-12-01,{n}"
        good = {"agent": "deal-agent", "stage": "Won", "opened": "2025-10-20"}
        changes = (
            {},
            {},
            {"opened": ""},
            {"agent": "nobody"},
            {"stage": "Engaging"},
        )
        statements = []
        for change in changes:
            rows = [line.format(n=n, **good | change) for n in range(300)]
            job = self._import(*rows, target_options={"creates_partners": True})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with patch(f"{IMPORT}.ROWS_AT_ONCE", 300):
                job.action_check()
            self.assertEqual(job.refused_count, 300 if change else 0, change)
            statements.append(self.env.cr.sql_log_count - before)
        for count in statements[2:]:
            self.assertLessEqual(count, 2 * statements[1])

    def test_a_closed_deal_needs_a_day_of_opening(self):
        job = self._import("A1,deal-agent,Anchor,Won,,2025-12-01,1054")
        job.action_check()
        (reason,) = self._reasons(job)
        self.assertIn("closed on 2025-12-01: the row needs an opening date", reason)

    def test_bad_rows_come_back_with_their_reasons(self):
        job = self._imported(
            "B1,nobody,Anchor,Won,2025-10-20,2025-12-01,1",
            "B2,deal-agent,Nowhere,Won,2025-10-20,2025-12-01,1",
            "B3,deal-agent,Anchor,Won,2025-10-20,2025-10-01,1",
            "B4,deal-agent,Anchor,Won,2025-10-20,,1",
            "B5,deal-agent,Anchor,Engaging,2025-10-20,2025-12-01,1",
            "B6,deal-agent,Anchor,Engaging,2025-10-20,,-5",
            "B7,deal-agent,Anchor,Dreaming,2025-10-20,,5",
            "B8,,Anchor,Engaging,2025-10-20,,5",
            "B9,deal-agent,Anchor,Engaging,2025-10-20,,5",
            "B9,deal-agent,Anchor,Engaging,2025-10-20,,6",
            "C1,deal-agent,Anchor,Engaging,2025-10-20,,1e16",
        )
        self.assertEqual(self._counts(job), (0, 0, 0, 11))
        expected = (
            "Agent “nobody”: not found.",
            "Counterparty “Nowhere”: not found.",
            "is before opening date",
            "Enter the closing date",
            "The deal is open",
            "The value -5.0",
            "Dreaming",
            "has no agent",
            "is a duplicate",
            "is a duplicate",
            "The value 1e+16",
        )
        for reason, words in zip(self._reasons(job), expected, strict=True):
            self.assertIn(words, reason)

    def test_names_that_nothing_has_are_mapped(self):
        job = self._import(
            "A1,deal-agnt,Anchor,Engaging,2025-11-05,,5",
            "A2,deal-agnt,Ankor,Engaging,2025-11-05,,5",
        )
        job.action_check()
        unknown = {each["key"]: each for each in job.check_page["unknown"]}
        self.assertEqual([*unknown], ["agent", "partner"])
        agent = unknown["agent"]
        self.assertEqual((agent["text"], agent["rows"]), ("deal-agnt", 2))
        self.assertEqual(agent["nearest"][0]["text"], "deal-agent")
        self.assertFalse(unknown["partner"]["nearest"])  # too many to compare with
        found = job.search_names("partner", "anch")
        self.assertIn("Anchor", [each["text"] for each in found])
        self.assertFalse(job.search_names("title", "anch"))
        job.action_map("agent", "deal-agnt", "deal-agent")
        self.assertEqual((job.accepted_count, job.refused_count), (1, 1))
        job.action_map("partner", "Ankor", "Anchor")
        self.assertEqual((job.accepted_count, job.refused_count), (2, 0))

    def test_names_are_read_once_for_a_file(self):
        rows = [f"A{n},DEAL-AGENT,,Engaging,2025-11-05,,5" for n in range(30)]
        counts = []
        for batch in (30, 5):
            job = self._import(*rows)
            with (
                patch(f"{BATCHES}.BATCH", batch),
                patch(f"{DEALS}.NameIndex", wraps=NameIndex) as made,
            ):
                job.action_check()
            self.assertEqual(job.refused_count, 0)
            counts.append(made.call_count)
        self.assertEqual(counts[0], counts[1])

    def test_all_reasons_of_a_row_are_named_with_their_cells(self):
        job = self._import("B1,nobody,Nowhere,Engaging,2025-10-20,2025-10-01,-5")
        job.action_check()
        (row,) = job.check_page["refused"]
        self.assertEqual(
            row["reason"],
            "Agent “nobody”: not found. Counterparty “Nowhere”: not found. The value "
            "-5.0 must be 0 or more and below 1,000,000,000,000. The deal is open but "
            "has the closing date 2025-10-01. Closing date 2025-10-01 is before "
            "opening date 2025-10-20.",
        )
        titles = job.check_page["refused_columns"]
        self.assertEqual(
            [titles[place] for place in row["wrong"]],
            ["sales_agent", "account", "engage_date", "close_date", "close_value"],
        )

    def test_amounts_are_in_the_currency_of_their_deal(self):
        titles = f"{TITLES},currency"
        rows = (
            "A1,deal-agent,,Engaging,2025-11-05,,50 USD,USD",
            "A2,deal-agent,,Engaging,2025-11-05,,50 EUR,USD",
            "A3,deal-agent,,Engaging,2025-11-05,,50 €,",
            "A4,deal-agent,,Engaging,2025-11-05,,$50,",
            "A5,deal-agent,,Engaging,2025-11-05,,50 %,",
        )
        with patch(f"{__name__}.TITLES", titles):
            job = self._imported(*rows)
        self.assertEqual(self._counts(job), (2, 0, 0, 3))
        self.assertEqual(self._deal_of("A1").currency_id, self.dollar)
        self.assertEqual(
            self._reasons(job),
            [
                "50.00 is in EUR, not in USD. Convert the value.",
                "50.00 is in $, not in EUR. Convert the value.",
                "50.00 is in %, not in EUR. Convert the value.",
            ],
        )
        # Without a word about its currency, a deal keeps its own.
        job = self._imported(
            "A1,deal-agent,,Engaging,2025-11-05,,60 USD",
            "A3,deal-agent,,Engaging,2025-11-05,,60 USD",
        )
        self.assertEqual(self._counts(job), (0, 1, 0, 1))
        deal = self._deal_of("A1")
        self.assertEqual(
            (deal.currency_id, deal.estimated_value_amount), (self.dollar, 60)
        )
        job = self._imported("A1,deal-agent,,Engaging,2025-11-05,,60 EUR")
        self.assertEqual(self._counts(job), (0, 0, 0, 1))

    def test_what_a_stage_requires_may_be_a_default(self):
        names = ("deal_type", "asset_type", "estimated_value_currency", "uuid")
        model_fields = self.env["ir.model.fields"].search(
            [("model", "=", "kpi.deal"), ("name", "in", names)]
        )
        stage = self.env["kpi.deal.stage"].search([("stage", "=", "qualification")])
        stage.required_field_ids = model_fields
        row = "A1,deal-agent,,Engaging,2025-11-05,,5"
        job = self._imported(row)
        self.assertEqual(
            self._reasons(job),
            ["A1: fill in Asset Type before moving it to “Qualification”."],
        )
        self.env["ir.default"].set("kpi.deal", "asset_type", "land")
        self.assertEqual(self._counts(self._imported(row)), (1, 0, 0, 0))
        self.assertEqual(self._deal_of("A1").asset_type, "land")

    def test_what_deals_refuse_comes_back_with_the_check(self):
        self._imported(
            "A1,deal-agent,Anchor,Won,2025-10-20,2025-12-01,1054",
            "A2,deal-agent,Anchor,Engaging,2025-12-20,,7",
            target_options=CREATES,
        )
        rows = (
            "A1,deal-agent,Anchor,Won,2025-10-20,2025-12-02,1054",
            "A2,deal-agent,Anchor,Won,2025-10-20,2025-12-01,7",
            "A3,Moses Frase,Cancity,Won,2025-10-20,2025-12-01,5",
            "A4,deal-agent,Anchor,Engaging,2025-10-20,,5",
        )
        job = self._import(*rows, target_options=CREATES)
        job.action_check()
        self.assertEqual(self._counts(job), (2, 0, 0, 2), job.error)
        self.assertFalse(self._deal_of("A4"))
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Cancity")]))
        for reason, words in zip(
            self._reasons(job),
            ("closing date is set automatically", "Choose that day or later"),
            strict=True,
        ):
            self.assertIn(words, reason)
        job.action_import()
        self.assertEqual((job.state, job.added_count), ("done", 2), job.error)
        self.assertEqual(self._deal_of("A3").agent_id.name, "Moses Frase")
        self.assertEqual(self._deal_of("A2").status, "open")

    def test_another_value_of_a_won_deal_is_refused(self):
        row = "A1,deal-agent,Anchor,Won,2025-10-20,2025-12-01,"
        self._imported(row + "1054")
        job = self._import(row + "1055")
        job.action_check()
        self.assertEqual(self._counts(job), (0, 0, 0, 1), job.error)
        self.assertIn("cannot be changed: Estimated Value", self._reasons(job)[0])
        self.assertEqual(self._deal_of("A1").estimated_value_amount, 1054)

    def test_a_won_deal_that_the_file_calls_lost_keeps_its_day(self):
        for stage, status in (
            ("Won", "closed_won"),
            ("Lost", "closed_lost"),
            ("Won", "closed_won"),
        ):
            self._imported(f"A1,deal-agent,Anchor,{stage},2025-10-20,2025-12-01,7")
            deal = self._deal_of("A1")
            self.assertEqual(deal.status, status)
            self.assertEqual(str(deal.actual_close_date), "2025-12-01")

    def test_the_day_of_the_file_stands_where_a_deal_goes_back_and_forth(self):
        for stage, day in (
            ("Won", "2025-12-01"),
            ("Engaging", ""),
            ("Won", "2025-12-20"),
        ):
            job = self._imported(f"A1,deal-agent,Anchor,{stage},2025-10-20,{day},7")
            self.assertEqual(
                job.refused_count, 0, job.refused_count and self._reasons(job)
            )
        deal = self._deal_of("A1")
        reopened = deal.stage_event_ids.filtered(
            lambda event: event.to_stage == "qualification"
        )
        self.assertIn("Imported from a file", reopened.mapped("note"))
        self.assertEqual(str(deal.actual_close_date), "2025-12-20")
        self.assertEqual(str(deal.stage_since.date()), "2025-12-20")
        self.assertTrue(deal.verify_history()["is_whole"])
        job = self._imported("A1,deal-agent,Anchor,Won,2025-10-20,2025-12-20,7")
        self.assertEqual(self._counts(job), (0, 0, 1, 0))

    def test_agents_and_counterparties_are_created_where_that_is_wanted(self):
        rows = (
            "D1,Moses Frase,Cancity,Won,2025-10-20,2025-12-01,1054",
            "D2,Moses Frase,Cancity,Engaging,2025-10-20,,",
        )
        job = self._import(*rows, target_options=CREATES)
        job.action_check()
        self.assertEqual(job.created_text, "1 agent, 1 counterparty")
        self.assertFalse(self._deal_of("D1"))
        job.action_import()
        deals = self._deal_of("D1") | self._deal_of("D2")
        self.assertEqual(deals.agent_id.name, "Moses Frase")
        self.assertTrue(deals.agent_id.share)
        self.assertEqual(len(deals.partner_id), 1)
        again = self._imported(*rows, target_options=CREATES)
        self.assertEqual(self._counts(again), (0, 0, 2, 0))

    def test_only_administrators_of_deals_import_them(self):
        officer = new_test_user(
            self.env,
            "deal-officer",
            groups="kpi_base.kpi_base_group_officer",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self.assertRaises(AccessError):
            job = self._import("E1,deal-agent,,Won,,,", user=officer)
            job.action_import()
