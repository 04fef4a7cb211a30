import json
import runpy
from datetime import date, timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules import get_module_path
from odoo.tests import Form, tagged
from odoo.tools import SQL, file_open, mute_logger

from odoo.addons.kpi_base.engine.periods import GRAINS

from ..common import KpiCase

JANUARY = date(2023, 1, 1)


@tagged("post_install", "-at_install")
class TestKpiDefinition(KpiCase):
    """What a definition says of its values, and what cannot change any more."""

    def test_additivity_follows_from_the_measure(self):
        measured = {"measure_field": "x_hours", "weight_field": "x_weight"}
        measured["numerator_domain"] = "[('x_hours', '>', 4)]"
        for measure, kind, expected in (
            ("count", "flow", ("sum", "sum")),
            ("sum", "flow", ("sum", "sum")),
            ("count", "stock", ("last", "sum")),
            ("sum", "snapshot", ("last", "sum")),
            ("average", "stock", ("last", "average")),
            ("max", "stock", ("last", "max")),
            ("median", "snapshot", ("last", "none")),
            ("average", "flow", ("average", "average")),
            ("weighted_average", "flow", ("average", "average")),
            ("share", "flow", ("average", "average")),
            ("min", "flow", ("min", "min")),
            ("max", "flow", ("max", "max")),
            ("distinct", "flow", ("none", "none")),
            ("median", "flow", ("none", "none")),
            ("percentile", "flow", ("none", "none")),
        ):
            with self.subTest(measure=measure, kind=kind):
                definition = self._definition(
                    f"{measure} {kind}", measure=measure, kind=kind, **measured
                )
                found = (definition.aggregation_time, definition.aggregation_scope)
                self.assertEqual(found, expected)

    def test_meaningless_roll_ups_are_refused_with_the_reason(self):
        measured = {"measure_field": "x_hours", "weight_field": "x_weight"}
        for message, values in (
            ("cannot be summed", {"unit": "percent", "aggregation_time": "sum"}),
            ("cannot be summed", {"unit": "score", "aggregation_scope": "sum"}),
            ("cannot be summed", {"unit": "boolean", "aggregation_scope": "sum"}),
            (
                "only formulas can use the totals",
                {"computation": "manual", "aggregation_time": "formula"},
            ),
            (
                "“Median” values cannot be combined this way",
                {"measure": "median", "aggregation_time": "average"},
            ),
            (
                "“Number of Distinct Values” values cannot be combined this way",
                {"measure": "distinct", "aggregation_scope": "sum"},
            ),
            (
                "“Average” values cannot be combined this way",
                {"measure": "average", "aggregation_time": "sum"},
            ),
        ):
            with (
                self.subTest(**values),
                self.assertRaisesRegex(ValidationError, f"Deals, Over .*{message}"),
                self.cr.savepoint(),
            ):
                self._definition(**{**measured, **values})

    def test_periods_that_get_facts_of_their_own(self):
        hours = {"measure_field": "x_hours"}
        for values, expected in (
            ({}, ["month"]),  # longer periods are added up
            ({"measure": "distinct"}, ["month", "quarter", "year"]),
            (
                {"measure": "median", "coarsest_grain": "quarter"},
                ["month", "quarter"],
            ),
            ({"measure": "median", "frequency": "year"}, ["year"]),
            (
                {"measure": "distinct", "frequency": "day"},
                ["day", "week", "month", "quarter", "year"],
            ),
            # weeks lie in no month, quarter or year of the wall calendar
            ({"measure": "distinct", "frequency": "week"}, ["week"]),
            ({"measure": "distinct", "coarsest_grain": False}, ["month"]),
        ):
            with self.subTest(**values):
                name = "-".join(map(str, values.items()))
                definition = self._definition(f"Grains {name}", **{**hours, **values})
                self.assertEqual(definition._grains(), expected)

    def test_weeks_make_up_the_months_of_a_4_4_5_calendar(self):
        calendar = self._create_calendar(pattern="4-4-5")
        definition = self._definition(
            measure="distinct",
            measure_field="x_partner_id",
            frequency="week",
            calendar_id=calendar.id,
        )
        self.assertEqual(definition._grains(), ["week", "month", "quarter", "year"])

    def test_code_frequency_and_calendar_are_free_until_there_are_values(self):
        definition = self._definition(computation="external")
        other = self._create_calendar("Asia/Tokyo")
        changes = {"code": "new", "frequency": "week", "calendar_id": other.id}
        definition.write(changes)
        self.assertEqual(definition.code, "new")
        report = self._track(definition)
        rows = [(report.id, date(2023, 1, 2), 1.0)]
        self.env["kpi.measurement"]._upsert("week", rows, source="external")
        definition.write(changes)  # the same values again are no change
        for name, value in (
            ("code", "newer"),
            ("frequency", "month"),
            ("calendar_id", self.calendar.id),
        ):
            with self.assertRaisesRegex(UserError, "it has values. Duplicate it"):
                definition[name] = value
        with self.assertRaisesRegex(UserError, "has values. Create a new calendar"):
            other.tz = "Europe/Brussels"
        other.name = "Renamed"
        other.tz = "Asia/Tokyo"  # no change

    def test_another_shape_of_an_unused_calendar_moves_its_days(self):
        self.calendar._ensure_days(JANUARY, JANUARY)
        self.calendar.fiscal_month = "7"
        definition = self._definition(frequency="year")
        (report,) = self._track(definition)
        self.deals.create({"x_date": JANUARY, "x_company_id": self.company.id})
        self._compute(date(2023, 3, 1), date(2023, 3, 1))
        self.assertValues(report, {date(2022, 7, 1): 0})

    def test_the_calendar_of_a_new_company_comes_with_its_first_kpi(self):
        company = self._create_company("New")
        officer = self._create_user(
            "first-kpi", company, "kpi_base.kpi_base_group_officer"
        )
        env = self.env(user=officer, context={"allowed_company_ids": company.ids})
        own = env["kpi.calendar"].search_count
        form = Form(env["kpi.definition"])
        form.name = "First"
        self.assertFalse(form.calendar_id)
        self.assertFalse(own([("company_id", "=", company.id)]))
        calendar = form.save().calendar_id
        self.assertEqual((calendar.company_id, calendar.is_default), (company, True))
        second = env["kpi.definition"].create({"name": "Second", "calendar_id": False})
        self.assertEqual(second.calendar_id, calendar)
        self.assertEqual(Form(env["kpi.definition"]).calendar_id, calendar)
        for values in ({"shape": "1/1/4-4-5/0/last"}, {"is_default": False}):
            with self.assertRaisesRegex(AccessError, "set automatically"):
                calendar.write(values)

    def test_calendars_of_one_shape_share_their_days(self):
        self._track(
            self._definition(calendar_id=self._create_calendar("Asia/Tokyo").id)
        )
        self.deals.create({"x_date": JANUARY, "x_company_id": self.company.id})
        self._compute()
        days = "SELECT count(*), min(day), max(day) FROM kpi_calendar_day"
        before = self.env.execute_query(SQL(days))
        self._create_calendar("America/Lima")._ensure_days(JANUARY, JANUARY)
        self.assertEqual(self.env.execute_query(SQL(days)), before)
        year = self._create_calendar(fiscal_month="9")
        for day in (date(2010, 1, 1), date(2012, 1, 1)):
            year._ensure_days(day, day)
        ((count, first, last),) = self.env.execute_query(
            SQL(f"{days} WHERE shape = %s AND grain = 'day'", year.shape)
        )
        self.assertEqual(count, (last - first).days + 1)  # no gap
        self.assertEqual((first.year, last.year), (2009, date.today().year + 1))
        # as an update finds and leaves them
        self.env.cr.execute("ALTER TABLE kpi_calendar_day ADD calendar_id integer")
        path = get_module_path("kpi_tracking") + "/migrations/19.0.1.3.0"
        for step in ("pre", "post"):
            script = runpy.run_path(f"{path}/{step}-shared-days.py")
            script["migrate"](self.env.cr, "19.0.1.2.0")
        ((_count, first, last),) = self.env.execute_query(SQL(days))
        self.assertEqual(first, date(2022, 1, 1))
        self.assertGreater(last, date.today())

    def test_each_day_knows_its_period_of_each_length(self):
        first, last = (
            date(2022, 1, 1),
            date(2024, 12, 31),
        )  # a year around what is asked
        days = [first + timedelta(n) for n in range((last - first).days + 1)]
        for shape in (
            {},
            {"fiscal_month": "4", "fiscal_day": 6},
            {"pattern": "4-5-4", "week_start": "6", "year_end": "nearest"},
        ):
            calendar = self._create_calendar(**shape)
            for asked in (date(2023, 12, 20), JANUARY):  # the second one adds nothing
                calendar._ensure_days(asked, date(2023, 12, 31))
            self.env.cr.execute(
                "SELECT grain, day, period_start, period_stop FROM kpi_calendar_day"
                " WHERE shape = %s AND day BETWEEN %s AND %s",
                [calendar.shape, first, last],
            )
            expected = [(day, calendar._period(g, day)) for g in GRAINS for day in days]
            self.assertCountEqual(
                self.env.cr.fetchall(),
                [(p.grain, day, p.start, p.stop) for day, p in expected],
            )

    def test_a_copy_gets_a_free_code_and_no_values(self):
        definition = self._definition("Leads", computation="external")
        report = self._track(definition)
        rows = [(report.id, JANUARY, 1.0)]
        self.env["kpi.measurement"]._upsert("month", rows, source="external")
        copies = [definition.copy() for _number in range(3)]
        self.assertEqual(
            [copy.code for copy in copies], ["leads_2", "leads_3", "leads_4"]
        )
        self.assertEqual(copies[0].name, "Leads (copy)")
        self.assertFalse(copies[0].has_measurements)
        copies[0].frequency = "week"

    def test_a_copy_of_a_kpi_with_the_longest_name(self):
        definition = self._definition("L" * 200, code="leads")
        self.assertEqual(definition.copy().name, "L" * 193 + " (copy)")

    def test_a_copy_of_a_kpi_with_the_longest_code(self):
        definition = self._definition("L" * 64)
        self.assertEqual(len(definition.code), 64)
        copies = [definition.copy() for _number in range(2)]
        self.assertEqual(len({definition.code, *(copy.code for copy in copies)}), 3)

    def test_a_code_is_made_from_the_name_and_free(self):
        create = self.env["kpi.definition"].create
        names = ["Net Revenue (EUR)", "Net revenue EUR", "2nd level", "Выручка", "利益"]
        definitions = create([{"name": name} for name in names])
        self.assertEqual(
            definitions.mapped("code"),
            ["net_revenue_eur", "net_revenue_eur_2", "kpi_2nd_level", "kpi", "kpi_2"],
        )

    def test_a_code_made_from_a_name_is_none_that_another_new_kpi_has(self):
        definitions = self.env["kpi.definition"].create(
            [{"name": "Net Sales"}, {"name": "Sales, net", "code": "net_sales"}]
        )
        self.assertEqual(definitions.mapped("code"), ["net_sales_2", "net_sales"])

    def test_codes_that_a_formula_could_not_name_are_refused(self):
        for code in (
            "Revenue",
            "2nd",
            "net revenue",
            "a-b",
            "é",
            "_x",
            "x" * 65,
            "a\n",
        ):
            with (
                self.subTest(code),
                self.assertRaisesRegex(ValidationError, "lowercase letters"),
                self.cr.savepoint(),
            ):
                self._definition(code=code)

    def test_a_code_is_unique_within_a_company(self):
        self._definition(code="leads")
        south = self._create_company("South")
        self._definition(code="leads", company_id=south.id)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.cr.savepoint():
                self._definition("Leads again", code="leads")

    def test_a_company_does_not_take_a_shared_code_nor_the_other_way_round(self):
        self._definition("Leads", code="leads", company_id=False)
        self._definition("Deals", code="deals")
        for code, company in (("leads", self.company), ("deals", self.company[:0])):
            with self.assertRaisesRegex(ValidationError, f"Again, Code: “{code}” is"):
                with self.cr.savepoint():
                    self._definition("Again", code=code, company_id=company.id)

    def test_a_word_of_the_formula_language_is_no_code(self):
        for code in ("if", "nan", "sum", "prev", "lambda"):
            with self.subTest(code), self.assertRaisesRegex(ValidationError, code):
                with self.cr.savepoint():
                    self._definition(code=code)
        self.assertEqual(self._definition("Sum", code=False).code, "kpi_sum")

    def test_a_scope_is_tracked_once(self):
        definition = self._definition()
        users = self._create_user("ann") | self._create_user("bob")
        first = self._track(definition, users[0])
        both = self._track(definition, users[0], users[1])
        self.assertEqual(len(both), 2)
        self.assertIn(first, both)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.cr.savepoint():
                first.copy()

    def test_lists_mails_and_reports_round_as_the_browser_does(self):
        """By its table: half away from zero, as the number is written."""
        with file_open("kpi_base/static/tests/formatting_cases.json") as file:
            cases = json.load(file)["cases"]
        for name, given, expected in cases:
            if name == "fixed" and given[1]["kind"] in ("number", "percent"):
                value, unit = given
                kpi = self.env["kpi.definition"].new(
                    {"unit": unit["kind"], "decimals": unit["decimals"]}
                )
                self.assertEqual(kpi._format_rounded(value), expected["en_US"])
