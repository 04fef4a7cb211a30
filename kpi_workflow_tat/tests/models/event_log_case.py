"""An officer who imports event logs into a company of its own."""

import csv
from io import StringIO

from odoo.addons.kpi_base.tests.import_case import ImportCase

TITLES = ("case", "activity", "timestamp", "resource")
PURCHASES = (
    ("P1", "Ask", "2026-03-23 09:00:00", "Ina"),
    ("P1", "Check", "2026-03-23 10:00:00", "Ann"),
    ("P2", "Ask", "2026-03-27 16:00:00", "Ina"),
    ("P1", "Approve", "2026-03-24 09:00:00", "Cy"),
    ("P2", "Check", "2026-03-30 10:00:00", "Ann"),
    ("P2", "Ask", "2026-03-30 11:00:00", "Ina"),
    ("P2", "Check", "2026-03-30 11:00:00", "Ann"),
    ("P2", "Refuse", "2026-03-31 09:00:00", "Cy"),
)


def write_log(rows=PURCHASES, titles=TITLES):
    stream = StringIO()
    csv.writer(stream).writerows([titles, *rows])
    return stream.getvalue()


class EventLogCase(ImportCase):
    target_model = "kpi.import.event"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer.tz = "UTC"
        cls.company.resource_calendar_id.tz = "UTC"

    def _get_requests(self, **values):
        domain = [("company_id", "=", self.company.id), ("is_imported", "=", True)]
        return self.env["kpi.tat.request"].search(domain, order="number")

    def _import_log(self, rows=PURCHASES, name="purchases.csv", **values):
        job = self._imported(write_log(rows), name=name, **values)
        self.assertEqual(job.state, "done", job.error)
        return job

    def _read_events(self, request):
        return [
            (event.activity, str(event.happened_at), event.resource)
            for event in request.event_ids
        ]
