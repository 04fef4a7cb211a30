import os
from unittest.mock import patch

from cryptography.fernet import Fernet
from psycopg2 import IntegrityError, connect

from odoo.exceptions import UserError, ValidationError
from odoo.sql_db import connection_info_for
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...engine.adapters import ADAPTERS, Place
from ...engine.adapters.adapter import WarehouseFault
from .warehouse_case import WarehouseCase

KEY = Fernet.generate_key().decode()


@tagged("post_install", "-at_install")
class TestKpiWarehouse(WarehouseCase):
    """Addresses, secrets and limits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(os.environ, KPI_SECRET_KEYS=KEY))

    def _make(self, **values):
        return self.env["kpi.warehouse"].create(
            {
                "name": "Server",
                "engine": "trino",
                "host": "203.0.113.7",
                "company_id": self.company.id,
                **values,
            }
        )

    def test_servers_that_nobody_may_reach_are_refused(self):
        for host in (
            "localhost",
            "127.0.0.1",
            "169.254.169.254",
            "10.0.0.1",
            "/tmp",
            "",
            "https://trino.example.com",
        ):
            with self.subTest(host=host), self.assertRaises(ValidationError):
                self._make(host=host)
        with self.assertRaises(ValidationError):  # a port that needs an administrator
            self._make(host="8.8.8.8", engine="postgresql")

    def test_an_engine_that_nobody_knows_is_refused(self):
        with self.assertRaisesRegex(ValueError, "Wrong value"):
            self._make(engine="abacus")

    def test_a_host_that_administrators_allow_is_taken(self):
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("kpi_base.outgoing_hosts", "127.0.0.1:5432")
        warehouse = self._make(host="127.0.0.1", engine="postgresql")
        self.assertEqual(warehouse.port, 5432)

    def test_a_password_is_not_read_back_and_goes_to_no_other_server(self):
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("kpi_base.outgoing_hosts", "127.0.0.1 127.0.0.2")
        warehouse = self._make(host="127.0.0.1", password="hunter2")
        self.assertNotIn("hunter2", str(warehouse.read()))
        self.assertEqual(warehouse._read_secret("password"), "hunter2")
        warehouse.host = "127.0.0.2"
        self.assertEqual(warehouse._read_secret("password"), "")

    def test_a_driver_that_is_not_installed_is_named(self):
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("kpi_base.outgoing_hosts", "127.0.0.1")
        warehouse = self._make(host="127.0.0.1", port=1)
        with patch.object(ADAPTERS["trino"], "module", "no_such_driver"):
            with self.assertRaisesRegex(UserError, "requires the Python package trino"):
                warehouse.action_test()

    def test_limits_that_are_none_are_refused(self):
        for name in ("most_seconds", "most_groups"):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self.warehouse[name] = 0
                self.env.flush_all()

    def test_a_scan_of_unknown_size_is_run_without_a_limit_only(self):
        with self.assertRaisesRegex(UserError, "cannot estimate a query's size"):
            self.warehouse._check_scan(None)
        self.warehouse.most_gigabytes = 0
        self.warehouse._check_scan(None)


@tagged("post_install", "-at_install")
class TestPostgreSQL(WarehouseCase):
    """The adapter against the server of the tests, in a schema of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        _name, cls.info = connection_info_for(cls.env.cr.dbname)
        cls.run_sql(
            """
            CREATE SCHEMA kpi_wh_test;
            CREATE TABLE kpi_wh_test."or""ders" (
                at timestamptz, amount numeric(12, 2), dept text);
            INSERT INTO kpi_wh_test."or""ders"
            SELECT timestamptz '2026-01-01 00:00+01' + n * interval '1 hour',
                   1.10, 'Sales'
              FROM generate_series(0, 1000) AS n;
            CREATE TABLE kpi_wh_test.others (n integer);
            """
        )
        cls.addClassCleanup(cls.run_sql, "DROP SCHEMA kpi_wh_test CASCADE")

    @classmethod
    def run_sql(cls, sql):
        connection = connect(**cls.info)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
        connection.close()

    def _open(self, seconds=20.0, **values):
        place = {
            "host": self.info.get("host", ""),
            "port": self.info.get("port", 5432),
            "path": self.cr.dbname,
            "login": self.info.get("user", ""),
            "password": self.info.get("password", ""),
            "is_encrypted": False,
            **values,
        }
        return ADAPTERS["postgresql"](Place(seconds, **place))

    TABLE = 'kpi_wh_test."or""ders"'

    def test_columns_size_and_rows(self):
        with self._open() as engine:
            self.assertEqual(
                engine.list_columns(self.TABLE),
                [
                    ("at", "timestamp with time zone"),
                    ("amount", "numeric(12,2)"),
                    ("dept", "text"),
                ],
            )
            sql = 'SELECT sum(amount)::float8 FROM kpi_wh_test."or""ders"'
            self.assertEqual(engine.fetch(sql), [(1101.1,)])
            size = engine.estimate_scan(sql, self.TABLE, ["amount"])
            self.assertGreaterEqual(size, 8192)

    def test_nothing_is_written(self):
        with self._open() as engine, self.assertRaises(WarehouseFault):
            engine.fetch('DELETE FROM kpi_wh_test."or""ders" RETURNING 1')

    def test_a_query_that_is_too_slow_is_stopped(self):
        with self._open(seconds=0.5) as engine, self.assertRaises(WarehouseFault):
            engine.fetch("SELECT pg_sleep(20)")

    def test_a_server_that_is_down_is_said(self):
        with self.assertRaises(WarehouseFault), self._open(host="127.0.0.1", port=1):
            pass

    def test_a_version_changes_with_the_table(self):
        table = "kpi_wh_test.others"
        with self._open() as engine:
            before = engine.find_version(table)
        self.assertTrue(before)
        self.run_sql(f"TRUNCATE {table}")
        with self._open() as engine:
            self.assertNotEqual(engine.find_version(table), before)
