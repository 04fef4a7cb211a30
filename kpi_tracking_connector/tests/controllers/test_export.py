"""Files that connectors write, and the links that open them."""

import base64
import csv
import errno
import gzip
import hashlib
import io
import json
from datetime import date, timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from odoo.addons.kpi_base.engine.spreadsheet import neutral_text
from odoo.addons.kpi_base.tests.common import run_cron
from odoo.addons.kpi_tracking.tests.controllers.api_case import KpiApiCase

from ...models.kpi_bi_connector import KEPT_FILES

NASTY = "=cmd|' /C calc'!A1 \"quoted\" back\\slash\ttab\x01 \u202ertl ü\nline"
JANUARY, FEBRUARY, MARCH = (date(2025, month, 1) for month in (1, 2, 3))


@tagged("post_install", "-at_install")
class TestKpiBiExport(KpiApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.odd = cls._definition(NASTY, "nasty")._track_for("company", cls.env.company)
        cls._record(cls.odd, {JANUARY: 0.1, FEBRUARY: 1e300, MARCH: -5})
        cls._record(cls.own_report, {JANUARY: 7})

    @classmethod
    def _record(cls, report, values):
        rows = [(report.id, day, value) for day, value in values.items()]
        cls.env["kpi.measurement"]._upsert("month", rows, source="api")

    def connector(self, **values):
        given = {"name": "Nightly", "connector_type": "csv_export", **values}
        return self.env["kpi.bi.connector"].create(
            {"owner_id": self.people["officer"].id, **given}
        )

    def export(self, connector):
        """The rows of a new file, and what its manifest says."""
        connector._export()
        self.assertFalse(connector.last_error)
        export = connector.export_ids.sorted("id")[-1]
        content = gzip.decompress(base64.b64decode(export.file))
        manifest = json.loads(export.manifest)
        self.assertEqual(manifest["sha256"], hashlib.sha256(content).hexdigest())
        text = content.decode()
        if connector.connector_type == "json_feed":
            rows = [json.loads(line) for line in text.splitlines()]
        else:
            rows = list(csv.DictReader(io.StringIO(text, newline="")))
        self.assertEqual(manifest["rows"], len(rows))
        self.assertEqual(manifest["columns"], list(rows[0]) if rows else [])
        return rows

    def of(self, report, rows, name="kpi_id"):
        return [row for row in rows if int(row[name]) == report.id]

    def test_a_table_has_all_values_and_computes_nothing(self):
        rows = self.of(self.odd, self.export(self.connector()))
        self.assertEqual(
            [(row["period_start"], float(row["value"])) for row in rows],
            [("2025-01-01", 0.1), ("2025-02-01", 1e300), ("2025-03-01", -5)],
        )
        self.assertEqual(rows[0]["kpi"], neutral_text(NASTY))
        self.assertTrue(rows[0]["kpi"].startswith("'="))

    def test_each_value_has_names_target_and_status(self):
        names = {
            "kpi": NASTY,
            "company": self.env.company.name,
            "currency": self.odd.currency_id.name,
            "department": None,
            "person": None,
            "team": None,
            "unit": self.odd.unit,
            "period_stop": "2025-02-01",
            "target": None,
            "status": "no_target",
        }
        for data_format in ("flat_table", "aggregated"):
            feed = {"connector_type": "json_feed", "data_format": data_format}
            row = self.of(self.odd, self.export(self.connector(**feed)))[0]
            self.assertEqual({key: row[key] for key in names}, names, data_format)
        table = self.connector(data_format="aggregated")
        row = self.of(self.odd, self.export(table))[0]
        self.assertEqual(row["kpi"], neutral_text(NASTY))

    def test_each_format_says_the_same(self):
        feed = {"connector_type": "json_feed"}
        (tree,) = self.of(
            self.odd,
            self.export(self.connector(data_format="hierarchical", **feed)),
            "id",
        )
        self.assertEqual(tree["kpi"], NASTY)  # JSON is computed by nobody
        values = [(one["period_start"], one["value"]) for one in tree["values"]]
        for data_format in ("flat_table", "time_series", "aggregated"):
            rows = self.export(self.connector(data_format=data_format, **feed))
            found = [
                (row["period_start"], row["value"])
                for row in self.of(self.odd, rows)
                if row["grain"] == "month"
            ]
            self.assertEqual(found, values, data_format)

    def test_what_changed_comes_with_the_next_file(self):
        connector = self.connector(is_changes_only=True)
        self.assertEqual(len(self.of(self.odd, self.export(connector))), 3)
        self._record(self.odd, {JANUARY: 2, FEBRUARY: None})
        rows = {
            row["period_start"]: row
            for row in self.of(self.odd, self.export(connector))
        }
        self.assertFalse(connector.export_ids.sorted("id")[-1].is_full)
        self.assertEqual(float(rows["2025-01-01"]["value"]), 2)
        self.assertEqual(rows["2025-02-01"]["is_removed"], "t")
        self.assertEqual(rows["2025-01-01"]["is_removed"], "f")
        # Whoever reads other KPIs than before begins again.
        connector.owner_id = self.people["user"]
        self.export(connector)
        self.assertTrue(connector.export_ids.sorted("id")[-1].is_full)

    def test_it_has_what_its_owner_may_see(self):
        rows = self.export(self.connector(owner_id=self.people["user"].id))
        self.assertEqual({int(row["kpi_id"]) for row in rows}, set(self.own_report.ids))
        person = self.people["user"]
        person.group_ids = [Command.set(self.env.ref("base.group_user").ids)]
        connector = self.connector(owner_id=person.id)
        connector._export()
        self.assertEqual(connector.last_error, "The owner cannot access KPIs.")
        person.active = False
        connector._export()
        self.assertIn("archived", connector.last_error)
        self.assertFalse(connector.export_ids)

    def test_no_format_has_values_of_another_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        definition = self._definition("Foreign", "foreign", company_id=other.id)
        foreign = definition._track_for("company", other)
        self._record(foreign, {JANUARY: 1})
        for data_format in ("flat_table", "hierarchical", "time_series", "aggregated"):
            connector = self.connector(
                connector_type="json_feed", data_format=data_format
            )
            rows = self.export(connector)
            ids = {row.get("kpi_id", row.get("id")) for row in rows}
            self.assertIn(self.odd.id, ids, data_format)
            self.assertNotIn(foreign.id, ids, data_format)

    def test_files_are_written_when_they_are_due(self):
        connector = self.connector(export_schedule="hourly")
        connector.action_export()
        due = connector.next_export_at
        run_cron(self, "kpi_tracking_connector.kpi_bi_connector_cron")
        self.assertEqual(len(connector.export_ids), 1)
        self.assertEqual(connector.next_export_at, due + timedelta(hours=1))
        for _time in range(KEPT_FILES):
            connector._export()
        self.assertEqual(len(connector.export_ids), KEPT_FILES)
        connector.action_turn_off()
        self.assertFalse(connector.next_export_at)
        files = connector.export_ids
        connector.with_user(self.people["officer"]).unlink()
        self.assertFalse(files.exists())

    def test_a_link_opens_one_file_until_it_ends(self):
        connector = self.connector()
        self.export(connector)
        export = connector.export_ids
        self.env.flush_all()
        token = export.link.rpartition("/")[2]
        answer = self.url_open(f"/odata/files/{token}")
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.content, base64.b64decode(export.file))
        self.assertIn("csv.gz", answer.headers["Content-Disposition"])
        for other in ("forged", token[:-2] + ("AA" if token[-2:] != "AA" else "BB")):
            self.assertEqual(self.url_open(f"/odata/files/{other}").status_code, 404)
        ended = self.env["kpi.api.key"]._seal(
            "bi_export", export.id, timedelta(days=-1)
        )
        self.assertEqual(self.url_open(f"/odata/files/{ended}").status_code, 404)
        export.unlink()
        self.env.flush_all()
        self.assertEqual(self.url_open(f"/odata/files/{token}").status_code, 404)

    def test_a_disk_that_is_full_leaves_the_file_before(self):
        connector = self.connector(is_changes_only=True)
        self.export(connector)
        before, mark = connector.export_ids, connector.mark
        self._record(self.odd, {JANUARY: 4})
        attachments = type(self.env["ir.attachment"])
        full = OSError(errno.ENOSPC, "No space left on device")
        with patch.object(attachments, "_file_write", side_effect=full):
            connector._export()
        self.assertIn("disk is full", connector.last_error)
        self.assertEqual((connector.export_ids, connector.mark), (before, mark))
        rows = self.of(self.odd, self.export(connector))
        self.assertEqual(float(rows[0]["value"]), 4)
        self.assertFalse(connector.export_ids.sorted("id")[-1].is_full)

    def test_formats_that_cannot_be_are_refused(self):
        for values in (
            {"data_format": "hierarchical"},
            {"data_format": "aggregated", "is_changes_only": True},
        ):
            with self.assertRaises(ValidationError):
                self.connector(**values)
        mine = self.connector().with_user(self.people["officer"])
        with self.assertRaises(AccessError):
            mine.next_export_at = fields.Datetime.now()

    def test_a_webhook_is_sent_the_link_of_each_file(self):
        officer = self.people["officer"]
        webhook = self.env["kpi.webhook"].create(
            {
                "name": "Warehouse",
                "address": "https://example.com/kpi",
                "owner_id": officer.id,
            }
        )
        given = {"connector_type": "webhook", "webhook_id": webhook.id}
        connector = self.connector(**given)
        connector._export()
        export = connector.export_ids
        delivery = self.env["kpi.delivery"].search(
            [("key", "=", f"bi_export:{export.id}")]
        )
        self.assertEqual(delivery._get_target(), webhook)
        body = json.loads(delivery._write_webhook_body(webhook))
        self.assertEqual(body["type"], "file.written")
        (item,) = body["data"]["items"]
        self.assertEqual(item["link"].split("/")[3:5], ["odata", "files"])
        self.assertEqual(item["manifest"]["rows"], export.row_count)
        with self.assertRaises(ValidationError):
            self.connector(owner_id=self.people["user"].id, **given)
