import tempfile
from pathlib import Path
from unittest.mock import patch

import duckdb

from odoo.tests import TransactionCase, new_test_user
from odoo.tools import config

from odoo.addons.kpi_base.tests.common import run_cron

CRON = "kpi_base.kpi_job_cron"
LANE = "kpi_tracking_warehouse.kpi_warehouse_job_cron"
GROUP = "kpi_base.kpi_base_group_%s"
# day, amount, state, department, login
ROWS = """
    (date '2026-01-05', 10.10, 'sale', 'Sales', 'wh_uma'),
    (date '2026-01-31', 20.20, 'sale', 'North', 'WH_UMA'),
    (date '2026-02-01', 40.40, 'draft', 'Sales', 'nobody'),
    (date '2026-02-02', 5.00, 'sale', 'Unheard of', NULL),
    (NULL, 99.00, 'sale', 'Sales', 'wh_uma')
"""
COLUMNS = "day, amount, state, dept, who"


class WarehouseCase(TransactionCase):
    """Files of orders, a dataset on them, and KPIs that are its measures."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.startClassPatcher(
            patch.dict(config.options, {"kpi_warehouse_path": folder.name})
        )
        jobs = cls.env["kpi.job"]
        jobs.search([]).unlink()
        cls.classPatch(cls.registry["kpi.job"], "_enqueue_regular", lambda _jobs: None)
        cls.company = cls.env["res.company"].create({"name": "Warehouse Ltd"})
        cls.env.user.company_ids |= cls.company
        cls.officer = new_test_user(
            cls.env,
            "wh_officer",
            GROUP % "officer",
            company_id=cls.company.id,
            company_ids=[cls.company.id],
        )
        cls.uma = new_test_user(
            cls.env,
            "wh_uma",
            GROUP % "user",
            company_id=cls.company.id,
            company_ids=[cls.company.id],
        )
        cls.sales = cls._department("Sales")
        cls.north = cls._department("North", cls.sales)
        cls.calendar = cls.env["kpi.calendar"].create(
            {"name": "UTC", "tz": "UTC", "company_id": cls.company.id}
        )
        cls.write_orders(ROWS)
        cls.warehouse = cls.env["kpi.warehouse"].create(
            {"name": "Lake", "company_id": cls.company.id, "path": "orders"}
        )
        cls.dataset = cls._make_dataset(cls.warehouse, "*.parquet")

    def setUp(self):
        super().setUp()
        for file in self.folder.glob("orders/*"):
            file.unlink()
        self.write_orders(ROWS)

    @classmethod
    def _department(cls, name, parent=None):
        return cls.env["hr.department"].create(
            {
                "name": name,
                "company_id": cls.company.id,
                "parent_id": parent and parent.id,
            }
        )

    @classmethod
    def write_orders(cls, rows, name="orders/1.parquet", columns=COLUMNS):
        path = cls.folder / name
        path.parent.mkdir(exist_ok=True)
        select = f"SELECT * FROM (VALUES {rows}) AS r({columns.replace('day', 'day_')})"
        with duckdb.connect() as connection:
            connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")

    @classmethod
    def _make_dataset(cls, warehouse, table, code="orders"):
        """A dataset with three measures, as its form makes it."""
        dataset = cls.env["kpi.warehouse.dataset"].create(
            {
                "name": "Orders",
                "code": code,
                "warehouse_id": warehouse.id,
                "table_name": table,
            }
        )
        dataset.with_user(cls.officer).action_test()
        column = {each.name: each.id for each in dataset.column_ids}
        dataset.write(
            {
                "day_column_id": column["day_"],
                "department_column_id": column["dept"],
                "user_column_id": column["who"],
            }
        )
        revenue, orders, average = cls.env["kpi.warehouse.measure"].create(
            [
                {
                    "dataset_id": dataset.id,
                    "name": name,
                    "code": name.lower(),
                    "function": function,
                    "column_id": function != "count" and column["amount"],
                    "sequence": place,
                }
                for place, (name, function) in enumerate(
                    [("Revenue", "sum"), ("Orders", "count"), ("Average", "average")]
                )
            ]
        )
        cls.env["kpi.warehouse.condition"].create(
            {"measure_id": revenue.id, "column_id": column["state"], "value": "sale"}
        )
        return dataset

    def make_kpi(self, measure="orders.revenue", scope_type="company", records=None):
        kpi = self.env["kpi.definition"].create(
            {
                "name": measure,
                "code": f"wh_{measure.replace('.', '_')}_{scope_type}",
                "company_id": self.company.id,
                "calendar_id": self.calendar.id,
                "computation": "external",
                "external_source": "kpi.warehouse.reading",
                "external_measure": measure,
                "frequency": "month",
                "history_start": "2026-01-01",
            }
        )
        kpi._track_for(scope_type, records or self.company, self.company.id)
        return kpi

    def read_now(self, datasets=None):
        """Read as the job does, and compute; the job of the reading."""
        job = self.env["kpi.job"]._enqueue_warehouse(datasets or self.dataset)
        for cron in (LANE, CRON):
            run_cron(self, cron)
        self.env.invalidate_all()
        return job

    def values(self, kpi):
        """(scope, first day of the month) → value, up to February."""
        facts = self.env["kpi.measurement"].search(
            [("definition_id", "=", kpi.id), ("period_start", "<", "2026-03-01")]
        )
        return {
            (fact.report_id._scope_record().name, f"{fact.period_start:%b}"): fact.value
            for fact in facts
        }
