import csv
import json
from io import BytesIO, StringIO

import openpyxl

from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.kpi_base.engine.tabular import Reading, open_table

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1")


@tagged("post_install", "-at_install")
class TestKpiExport(HttpCase):
    """What spreadsheets would compute is text in our exported files."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        new_test_user(
            cls.env,
            "kpi_exporter",
            "base.group_allow_export,kpi_base.kpi_base_group_officer",
            password="kpi-exporter-1",
        )
        cls.definitions = cls.env["kpi.definition"].create(
            [
                {"name": f"{text} KPI", "code": f"odd_{number}"}
                for number, text in enumerate(FORMULAS)
            ]
        )

    def _export(self, kind, records, *names, groupby=()):
        self.authenticate("kpi_exporter", "kpi-exporter-1")
        data = {
            "model": records._name,
            "fields": [
                {"name": name, "label": f"={name}", "type": records._fields[name].type}
                for name in names
            ],
            "ids": records.ids,
            "domain": [],
            "groupby": list(groupby),
            "import_compat": False,
            "context": {},
        }
        answer = self.url_open(
            f"/web/export/{kind}",
            data={"data": json.dumps(data), "csrf_token": Request.csrf_token(self)},
        )
        answer.raise_for_status()
        return answer.content

    def _csv(self, *args):
        return list(csv.reader(StringIO(self._export("csv", *args).decode())))

    def _cells(self, *args, **kwargs):
        content = self._export("xlsx", *args, **kwargs)
        sheet = openpyxl.load_workbook(BytesIO(content)).active
        return [[(cell.value, cell.data_type) for cell in row] for row in sheet.rows]

    def test_csv(self):
        rows = self._csv(self.definitions, "name", "sequence")
        self.assertEqual(rows[0], ["'=name", "'=sequence"])
        for text, (name, sequence) in zip(FORMULAS, rows[1:], strict=True):
            self.assertEqual(name, f"'{text} KPI")
            self.assertEqual(sequence, "10")

    def test_workbook(self):
        rows = self._cells(self.definitions, "name", "sequence")
        self.assertEqual(rows[0][0], ("'=name", "s"))
        for text, (name, sequence) in zip(FORMULAS, rows[1:], strict=True):
            # Odoo turns a carriage return into a blank
            self.assertEqual(name, (f"'{text} KPI".replace("\r", " "), "s"))
            self.assertEqual(sequence, (10, "n"))

    def test_workbook_of_groups(self):
        rows = self._cells(self.definitions[:1], "name", groupby=["name"])
        self.assertEqual(rows[1][0], ("'=1+1 KPI (1)", "s"))
        self.assertEqual(rows[2][0], ("'=1+1 KPI", "s"))

    def test_negative_numbers_stay_numbers(self):
        self.definitions.sequence = -5
        self.assertEqual(self._csv(self.definitions[:1], "sequence")[1], ["-5"])
        rows = self._cells(self.definitions[:1], "sequence")
        self.assertEqual(rows[1][0], (-5, "n"))

    def test_values_and_targets_are_read_again_as_they_were(self):
        definition = self.env["kpi.definition"].create(
            {
                "name": "Margin",
                "code": "margin_back",
                "unit": "percent",
                "computation": "manual",
            }
        )
        margin = definition._track_for("company", self.env.company)
        target = self.env["kpi.target"].create(
            {"report_id": margin.id, "date_from": "2025-01-01", "value": 40.71}
        )
        rows = [(margin.id, "2025-01-01", -0.07)]
        self.env["kpi.measurement"]._upsert("month", rows, source="manual")
        fact = self.env["kpi.measurement"].search([("report_id", "=", margin.id)])
        read = Reading("number").reader()
        for kind in ("csv", "xlsx"):
            for record in (target, fact):
                content = self._export(kind, record, "display_name", "value")
                *_head, row = open_table(content).rows()
                self.assertEqual(read(row.cells[1]), record.value, (kind, record))

    def test_other_exports_are_left_as_they_are(self):
        company = self.env["res.company"].create({"name": "@Work"})
        user = self.env["res.users"].search([("login", "=", "kpi_exporter")])
        user.company_ids |= company
        self.assertEqual(self._csv(company, "name")[1], ["@Work"])
