from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.kpi_base.tests.common import run_cron

from ...engine.adapters import ADAPTERS
from .warehouse_case import CRON, LANE, WarehouseCase

NEW = "(date '2026-02-03', 7, 'sale', 'Sales', NULL)"
JOB = "odoo.addons.kpi_tracking_warehouse.models.kpi_job"


@tagged("post_install", "-at_install")
class TestKpiWarehouseReading(WarehouseCase):
    """From files to facts."""

    def test_files_become_values_of_the_company(self):
        kpi = self.make_kpi()
        self.assertEqual(self.read_now().state, "done")
        values = self.values(kpi)
        self.assertAlmostEqual(values["Warehouse Ltd", "Jan"], 30.3)
        self.assertAlmostEqual(values["Warehouse Ltd", "Feb"], 5.0)

    def test_a_lane_of_its_own_reads_it(self):
        job = self.env["kpi.job"]._enqueue_warehouse(self.dataset)
        run_cron(self, CRON)
        self.assertEqual(job.state, "queued")
        run_cron(self, LANE)
        self.assertEqual(job.state, "done")

    def test_what_is_tracked_is_read_without_being_asked_for(self):
        kpi = self.make_kpi()
        for cron in (LANE, CRON):
            run_cron(self, cron)
        self.env.invalidate_all()
        self.assertAlmostEqual(self.values(kpi)["Warehouse Ltd", "Jan"], 30.3)

    def test_departments_contain_those_below_them(self):
        both = self.sales | self.north
        kpi = self.make_kpi("orders.revenue", "department", both)
        orders = self.make_kpi("orders.orders", "department", both)
        average = self.make_kpi("orders.average", "department", both)
        self.read_now()
        self.assertEqual(
            {key: round(value, 6) for key, value in self.values(kpi).items()},
            {
                ("Sales", "Jan"): 30.3,
                ("Sales", "Feb"): 0.0,  # a draft
                ("North", "Jan"): 20.2,
                ("North", "Feb"): 0.0,  # nothing at all
            },
        )
        self.assertEqual(self.values(orders)["Sales", "Jan"], 2)
        found = self.values(average)
        self.assertAlmostEqual(found["Sales", "Jan"], 15.15)  # of both, not of two
        self.assertAlmostEqual(found["Sales", "Feb"], 40.4)
        self.assertNotIn(("North", "Feb"), found)  # of nothing there is no average

    def test_people_are_found_by_login_however_it_is_written(self):
        kpi = self.make_kpi("orders.orders", "user", self.uma)
        self.read_now()
        self.assertEqual(self.values(kpi)[self.uma.name, "Jan"], 2)

    def test_people_and_departments_of_one_number_have_their_own_values(self):
        self.env.cr.execute(
            """
            SELECT setval('hr_department_id_seq', highest),
                   setval('res_users_id_seq', highest)
              FROM (SELECT 1 + greatest((SELECT max(id) FROM hr_department),
                                        (SELECT max(id) FROM res_users)) AS highest
                   ) AS ids
            """
        )
        department = self._department("Of the same number", self.sales)
        person = self.uma.copy({"login": "same_number", "name": "Una"})
        self.assertEqual(department.id, person.id)
        kpi = self.make_kpi("orders.orders", "department", department | self.sales)
        kpi._track_for("user", self.uma | person, self.company.id)
        kpi._track_for("company", self.company)
        self.read_now()
        found = self.values(kpi)
        self.assertEqual(found[self.uma.name, "Jan"], 2)
        self.assertEqual(found["Una", "Jan"], 0)
        self.assertEqual(found["Of the same number", "Jan"], 0)
        self.assertEqual(found["Sales", "Jan"], 2)
        self.assertIn(("Warehouse Ltd", "Jan"), found)

    def test_unknown_codes_are_shown_and_can_be_chosen(self):
        kpi = self.make_kpi("orders.orders", "department", self.sales)
        self.read_now()
        unknown = self.dataset.code_ids.filtered("is_unknown")
        self.assertEqual(set(unknown.mapped("code")), {"nobody", "Unheard of"})
        self.assertEqual(self.dataset.found, "4 of 6 codes found")
        before = self.values(kpi)
        code = unknown.filtered(lambda each: each.scope_type == "department")
        code.with_user(self.officer).department_id = self.sales
        self.env["kpi.source"]._recompute_all()
        self.assertEqual(self.values(kpi)["Sales", "Feb"], 2)
        self.assertEqual(before["Sales", "Feb"], 1)

    def test_a_name_of_two_departments_says_nothing(self):
        self._department("Unheard of")
        self._department("Unheard of")
        self.make_kpi("orders.orders", "department", self.sales)
        self.read_now()
        codes = self.dataset.code_ids.filtered(lambda each: each.code == "Unheard of")
        self.assertTrue(codes.is_unknown)

    def test_rows_of_unknown_companies_are_no_beginning(self):
        columns = "day, amount, state, firm"
        old = "(date '2026-01-05', 1.0, 'sale', 'Sold Ltd')"
        self.write_orders(old, columns=columns)
        new = f"(date '2026-02-05', 2.0, 'sale', '{self.company.name}')"
        self.write_orders(new, "orders/2.parquet", columns)
        self.dataset.write({"department_column_id": False, "user_column_id": False})
        self.dataset.with_user(self.officer).action_test()
        column = {each.name: each.id for each in self.dataset.column_ids}
        self.dataset.company_column_id = column["firm"]
        kpi = self.make_kpi()
        self.read_now()
        firm = self.dataset.code_ids.filtered(lambda each: each.code == "Sold Ltd")
        self.assertTrue(firm.is_unknown)
        self.assertEqual(self.values(kpi), {("Warehouse Ltd", "Feb"): 2.0})
        firm.mapped_company_id = self.company
        self.env["kpi.source"]._recompute_all()
        self.assertEqual(self.values(kpi)["Warehouse Ltd", "Jan"], 1.0)

    def test_nothing_is_asked_while_nothing_changed(self):
        kpi = self.make_kpi()
        self.read_now()
        cost = self.warehouse.month_ids
        self.assertEqual(cost.query_count, 1)
        self.assertGreater(cost.gigabytes, 0)
        self.read_now()
        self.assertEqual(cost.query_count, 1)
        self.write_orders(NEW, "orders/2.parquet")
        self.dataset.last_full_at = False
        self.read_now()
        self.assertEqual(cost.query_count, 2)
        self.assertAlmostEqual(self.values(kpi)["Warehouse Ltd", "Feb"], 12.0)
        # three measures of the company, and of Sales
        self.assertEqual(self.dataset.last_change_count, 6)

    def test_closed_periods_are_read_once_a_day(self):
        self.make_kpi()
        self.read_now()
        self.write_orders(NEW, "orders/2.parquet")
        key = self.calendar, "month", date(2026, 1, 1)
        periods, unread = self.dataset._find_due(*key, is_full=False)
        self.assertEqual((len(periods), unread), (3, []))

    def test_a_change_of_long_ago_is_found_by_the_daily_reading(self):
        kpi = self.make_kpi()
        self.read_now()
        self.write_orders(NEW.replace("-02-", "-01-"), "orders/2.parquet")
        self.read_now()
        self.assertAlmostEqual(self.values(kpi)["Warehouse Ltd", "Jan"], 30.3)
        self.dataset.last_full_at = "2026-03-01 00:00:00"
        self.read_now()
        self.assertAlmostEqual(self.values(kpi)["Warehouse Ltd", "Jan"], 37.3)

    def test_no_transaction_is_open_while_the_warehouse_works(self):
        self.make_kpi()
        at_commit, at_query = [], []
        iterate = ADAPTERS["duckdb"].iterate

        def count(adapter, sql):
            if "kpi_rows" in sql:
                at_query.append(self.cr.sql_log_count)
            return iterate(adapter, sql)

        def commit():
            self.env.flush_all()
            at_commit.append(self.cr.sql_log_count)

        with patch.object(ADAPTERS["duckdb"], "iterate", count):
            self.dataset._read_all(commit)
        self.assertEqual(len(at_query), 1)
        self.assertIn(at_query[0], at_commit)

    def test_another_measure_reads_the_history_again(self):
        kpi = self.make_kpi()
        self.read_now()
        self.dataset.measure_ids[:1].condition_ids.unlink()
        self.read_now()
        self.assertAlmostEqual(self.values(kpi)["Warehouse Ltd", "Feb"], 45.4)

    def test_the_explanation_shows_the_statement_to_officers(self):
        kpi = self.make_kpi()
        kpi.report_ids.owner_id = self.uma
        self.read_now()
        report = kpi.report_ids.with_user(self.officer)
        shown = report.get_explanation("2026-01-01")
        self.assertIn("Sum (amount) of Orders in Lake", shown["method"])
        self.assertIn("READ_PARQUET", shown["sql"])
        self.assertIn("'2026-02-01'", shown["sql"])
        plain = kpi.report_ids.with_user(self.uma).get_explanation("2026-01-01")
        self.assertIn("Sum (amount) of Orders in Lake", plain["method"])
        self.assertNotIn("sql", plain)

    def test_a_preview_is_logged(self):
        dataset = self.dataset.with_user(self.officer)
        context = dataset.action_preview()["context"]
        self.assertIn("GROUPING SETS", context["default_sql"])
        entry = self.env["kpi.audit.log"].search([], order="id desc", limit=1)
        self.assertEqual(entry.event_type, "warehouse_previewed")
        self.assertEqual(entry.user_id, self.officer)


@tagged("post_install", "-at_install")
class TestKpiWarehouseFaults(WarehouseCase):
    """What goes wrong is said on the dataset; what was read before stays."""

    def setUp(self):
        super().setUp()
        self.kpi = self.make_kpi()
        self.read_now()

    def _assert_fails(self, text):
        """Everything is asked again and refused; the values are those of before."""
        self.dataset.action_read()
        job = self.read_now()
        self.assertEqual(job.state, "failed")
        self.assertIn(text, self.dataset.last_error)
        self.assertAlmostEqual(self.values(self.kpi)["Warehouse Ltd", "Jan"], 30.3)

    def test_more_groups_than_the_limit_are_refused_before_they_are_read(self):
        self.warehouse.most_groups = 5
        self._assert_fails("rows (limit: 5)")

    def test_more_bytes_than_the_limit_are_not_read(self):
        self.warehouse.most_gigabytes = 1e-9
        cost = self.warehouse.month_ids.query_count
        self._assert_fails("Query not run: it would read")
        self.assertEqual(self.warehouse.month_ids.query_count, cost)

    def test_a_column_that_is_gone_is_named(self):
        self.write_orders("(date '2026-01-05', 'sale')", columns="day, state")
        self._assert_fails("not found in FROM clause")
        self.dataset.action_test()
        with self.assertRaisesRegex(UserError, "Column “.*” no longer exists"):
            self.dataset.action_preview()

    def test_a_column_of_another_type_is_named(self):
        self.write_orders("(date '2026-01-05', 'ten', 'sale', 'Sales', NULL)")
        self.dataset.action_test()
        self._assert_fails("“amount” contains no numbers.")

    def test_files_that_are_gone(self):
        (self.folder / "orders/1.parquet").unlink()
        self._assert_fails("must contain files of one type")
        self.write_orders("(date '2026-01-05', 1, 'sale', 'Sales', NULL)")
        self.read_now()
        self.assertFalse(self.dataset.last_error)
        self.assertAlmostEqual(self.values(self.kpi)["Warehouse Ltd", "Jan"], 1)

    def test_test_says_what_is_wrong(self):
        self.write_orders("(date '2026-01-05', 'ten', 'sale', 'Sales', NULL)")
        said = self.dataset.action_test()["params"]
        self.assertEqual(said["type"], "warning")
        self.assertEqual(said["message"], "“amount” contains no numbers.")
        for table in ("x" * 3000, ""):
            self.dataset.table_name = table or "/"
            with self.subTest(table=table[:5]), self.assertRaises(UserError):
                self.dataset.action_test()

    def test_a_path_outside_of_the_folder(self):
        self.dataset.table_name = "../" * 9 + "etc/passwd"
        self._assert_fails("is outside the warehouse folder")

    def test_a_connection_that_is_cut_amid_rows_leaves_nothing_half_read(self):
        def cut(_adapter, sql):
            rows = ADAPTERS["duckdb"].__mro__[1].iterate(_adapter, sql)
            yield next(rows)
            raise OSError("connection reset")

        with patch.object(ADAPTERS["duckdb"], "iterate", cut), mute_logger(JOB):
            with patch.object(ADAPTERS["duckdb"], "estimate_scan", lambda *_a: 1):
                self._assert_fails("connection reset")

    def test_rows_that_do_not_all_arrive_are_not_stored(self):
        def short(_adapter, sql):
            rows = ADAPTERS["duckdb"].__mro__[1].iterate(_adapter, sql)
            yield next(rows)

        with patch.object(ADAPTERS["duckdb"], "iterate", short):
            with patch.object(ADAPTERS["duckdb"], "estimate_scan", lambda *_a: 1):
                self._assert_fails("Only 1 of")

    def test_what_is_not_finite_is_no_value(self):
        self.write_orders(
            "(date '2026-01-05', 'NaN'::double, 'sale', 'Sales', NULL),"
            "(date '2026-02-05', 'inf'::double, 'sale', 'Sales', NULL)"
        )
        self.dataset.action_test()
        self.dataset.action_read()
        self.assertEqual(self.read_now().state, "done")
        self.assertEqual(self.values(self.kpi), {})
        self.assertIn("8 skipped", self.dataset.last_reading)
        self.dataset.last_full_at = False
        self.write_orders(
            "(date '2026-01-05', 'NaN'::double, 'sale', 'Sales', NULL),"
            "(date '2026-02-05', 'inf'::double, 'sale', 'Sales', NULL)"
        )
        self.read_now()
        self.assertEqual(self.dataset.last_change_count, 0)

    def test_names_that_are_no_codes_are_refused(self):
        self.kpi.external_measure = "orders.orders"
        for code in ("a.b", "Orders", "", "1a"):
            with self.assertRaises(ValidationError):
                self.dataset.measure_ids[0].code = code
            with self.assertRaises(ValidationError):
                self.dataset.copy({"code": code})

    def test_a_sum_of_texts_is_refused(self):
        state = self.dataset.column_ids.filtered(lambda each: each.name == "state")
        for function in ("sum", "average", "min", "max"):
            with self.assertRaisesRegex(ValidationError, "“state” contains no numbers"):
                self.dataset.measure_ids[:1].write(
                    {"function": function, "column_id": state.id}
                )

    def test_kpis_of_another_company_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "belongs to another company"):
            self.warehouse.company_id = self.env["res.company"].create(
                {"name": "Other"}
            )
            self.kpi.external_measure = "orders.orders"

    def test_a_kpi_of_all_companies_gets_values_of_one(self):
        other = self.env["res.company"].create({"name": "Other Ltd"})
        self.kpi.company_id = False
        self.kpi._track_for("company", other, other.id)
        self.read_now()
        self.assertEqual(
            {name for name, _month in self.values(self.kpi)}, {"Warehouse Ltd"}
        )

    def test_a_measure_of_a_kpi_is_neither_deleted_nor_renamed(self):
        revenue = self.dataset.measure_ids[0]
        other = self.dataset.copy({"code": "other"})
        self.dataset.active = False
        for refused in (
            lambda: self.warehouse.unlink(),
            lambda: self.dataset.unlink(),
            lambda: revenue.unlink(),
            lambda: self.dataset.write({"code": "sales"}),
            lambda: revenue.write({"code": "turnover"}),
            lambda: revenue.write({"dataset_id": other.id}),
        ):
            with self.assertRaisesRegex(UserError, "Used by KPIs: orders.revenue"):
                refused()
        self.dataset.measure_ids[1].write({"code": "number", "name": "Number"})
        revenue.write({"code": "revenue", "name": "Turnover"})
        self.dataset.measure_ids[1:].unlink()
        self.kpi.action_archive()
        self.warehouse.unlink()

    def test_a_code_of_departments_means_a_department(self):
        code = self.dataset.code_ids.filtered(lambda each: each.code == "Unheard of")
        with self.assertRaisesRegex(
            ValidationError, "leave the fields of other levels"
        ):
            code.user_id = self.uma
