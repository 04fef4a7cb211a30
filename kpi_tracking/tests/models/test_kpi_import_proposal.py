import csv
import io
from datetime import date
from unittest import skipUnless

from odoo import SUPERUSER_ID, Command
from odoo.tests import new_test_user, tagged

from ..import_case import KpiImportCase
from .test_kpi_import_city import DATA, rows_of

TARGETS = "kpi.import.kpi.target"


class ImportProposalCase(KpiImportCase):
    """Imports of targets where Ann approves changes of 5% and more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann = new_test_user(
            cls.env(user=SUPERUSER_ID),
            "import-ann",
            "kpi_base.kpi_base_group_officer",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _guard(self):
        approver = Command.create({"whom": "user", "user_id": self.ann.id})
        return (
            self.env["kpi.approval.workflow"]
            .sudo()
            .create(
                {
                    "name": "Targets",
                    "model": "kpi.approval.change",
                    "workflow_type": "target_change",
                    "auto_approve_threshold": 5.0,
                    "owner_id": self.ann.id,
                    "level_ids": [Command.create({"approver_ids": [approver]})],
                }
            )
        )

    def _find_changes(self, *states):
        domain = [("approval_state", "in", states)]
        return self.env["kpi.approval.change"].sudo().search(domain)


@tagged("post_install", "-at_install")
class TestKpiImportProposal(ImportProposalCase):
    def test_changes_beyond_the_threshold_wait_and_the_others_apply(self):
        lines = ["KPI code,Valid from,Target"]
        for number in range(6):
            report = self._kpi(f"p_{number}", f"KPI {number}")
            self.env["kpi.target"].create(
                {"report_id": report.id, "date_from": "2026-01-01", "value": 100}
            )
            lines.append(f"p_{number},2026-01-01,{100 + 2 * number}")
        lines.append("calls,2026-01-01,7")
        self._guard()
        content = "\n".join(lines).encode()
        job = self._import(content, target_model=TARGETS)
        job.action_check()
        self.assertEqual(job.state, "checked", job.error)
        # 106, 108, 110, and the first target that Calls gets
        self.assertIn("4 targets waiting for approval", job.created_text)
        self.assertFalse(self._find_changes("pending", "approved"))
        job.action_import()
        self.assertEqual(job.state, "done", job.error)
        targets = self.env["kpi.target"].search([("report_id.code", "=like", "p_%")])
        self.assertEqual(
            sorted(targets.mapped("value")), [100, 100, 100, 100, 102, 104]
        )
        waiting = self._find_changes("pending")
        self.assertEqual(len(waiting), 4)
        self.assertFalse(self.calls.target_ids)
        again = self._import(content, target_model=TARGETS)
        again.action_import()
        self.assertEqual(again.state, "done", again.error)
        self.assertEqual(self._find_changes("pending"), waiting)
        waiting.with_user(self.ann).action_approve()
        self.assertEqual(
            sorted(targets.mapped("value")), [100, 102, 104, 106, 108, 110]
        )
        self.assertEqual(self.calls.target_ids.value, 7)


@skipUnless(DATA.is_dir(), f"{DATA} is not there, see KPI_DATA")
@tagged("post_install", "-at_install")
class TestKpiImportProposalCouncil(ImportProposalCase):
    """The council's measures, imported again with other targets."""

    def _read(self, rows):
        text = io.StringIO()
        writer = csv.DictWriter(text, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
        job = self._import(
            text.getvalue().encode(),
            name="hart_council_rag.csv",
            creates_kpis=True,
            creates_departments=True,
            frequency="quarter",
            on_track_percent=100,
            at_risk_percent=90,
            no_value_texts="0",
        )
        keys = {
            "code": "kpi_code",
            "name": "kpi_name",
            "department": "department",
            "unit": "unit",
            "lower_is_better": "lower_is_better",
            "last_quarter": "value",
            "this_quarter": "value",
            "target": "target",
        }
        for column in job.column_ids:
            column.key = keys.get(column.name, False)
        for title, day in (
            ("last_quarter", date(2014, 4, 1)),
            ("this_quarter", date(2014, 7, 1)),
        ):
            self._column(job, title).period_day = day
        job.action_import()
        self.assertEqual(job.state, "done", job.error)
        return job

    def test_targets_beyond_the_threshold_wait_and_the_others_apply(self):
        rows = rows_of("hart_council_rag.csv")
        self._read(rows)
        before = {
            target.definition_id.code: target.value
            for target in self.env["kpi.target"].search([])
        }
        self._guard()
        changed = []
        for place, row in enumerate(rows):
            try:
                number = float(row["target"])
            except ValueError:
                changed.append(row)
                continue
            # each third as it was, by 4% and by 20% more
            factor = (1, 1.04, 1.2)[place % 3]
            changed.append({**row, "target": f"{number * factor:.6g}"})
        wanted = {
            row["code"].lower(): float(row["target"])
            for row in changed
            if row["code"].lower() in before
        }
        self._read(changed)
        after = {
            target.definition_id.code: target.value
            for target in self.env["kpi.target"].search([])
        }
        applied, waits = set(), set()
        for code, number in wanted.items():
            old = before[code]
            if number == old:
                self.assertEqual(after[code], old, code)
            elif old and abs(number - old) * 100 < 5 * abs(old):
                applied.add(code)
                self.assertEqual(after[code], number, code)
            else:
                waits.add(code)
                self.assertEqual(after[code], old, code)
        self.assertGreater(min(len(applied), len(waits)), 1)
        waiting = self._find_changes("pending")
        self.assertEqual(
            {change._get_record().definition_id.code for change in waiting}, waits
        )
        waiting.with_user(self.ann).action_approve()
        for code in waits:
            target = self.env["kpi.target"].search([("definition_id.code", "=", code)])
            self.assertEqual(target.value, wanted[code])
