from datetime import date
from unittest.mock import patch

from odoo import models
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.kpi_base.tests.common import add_model

from ...models.job.kpi_job import KpiJob
from ...models.source import kpi_source
from ..common import KpiCase

JANUARY, FEBRUARY, MARCH = (date(2023, month, 1) for month in (1, 2, 3))
SOURCE = "kpi.test.weather"


@tagged("post_install", "-at_install")
class TestKpiExternalSource(KpiCase):
    """A source of values of its own: asked for what has changed, and for reasons."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kpi.job"].search([]).unlink()
        cls._add_source()
        cls.rain = cls._definition(
            "Rain",
            computation="external",
            model_name=False,
            external_source=SOURCE,
            external_measure="rain",
        )
        (cls.report,) = cls._track(cls.rain)

    @classmethod
    def _add_source(cls):

        class Weather(models.AbstractModel):
            """Rain per month, as a test has it fall, and which months were asked."""

            _module = None
            _name = SOURCE
            _inherit = ["kpi.external.source"]
            _description = "Weather"

            fallen = {}
            asked = []
            begun = []

            def _get_measures(self):
                return ["rain"]

            def _get_facts(self, definitions, periods):
                self.asked.extend(period.start for period in periods)
                return [
                    (report.id, period.start, self.fallen[period.start])
                    for report in definitions.report_ids
                    for period in periods
                    if period.start in self.fallen
                ]

            def _get_fingerprints(self, definitions, periods):
                days = [period.start for period in periods]
                return {day: str(self.fallen.get(day)) for day in days}

            def _get_first_days(self, definitions):
                ids = definitions.report_ids.ids if self.begun else []
                return dict.fromkeys(ids, *self.begun[-1:])

            def _explain(self, report, period):
                return {"method": f"{report.name} in a glass, {period.start}"}

        cls.weather = add_model(cls, Weather)

    def setUp(self):
        super().setUp()
        self.fallen, self.asked = self.weather.fallen, self.weather.asked
        self.fallen.clear()
        self.asked.clear()
        self.weather.begun.clear()
        self.fallen.update({JANUARY: 10.0, FEBRUARY: 20.0})

    def _run_job(self, kind, **values):
        job = self.env["kpi.job"]._enqueue_computation(
            "Test", kind, self.rain, **{"last": MARCH, **values}
        )
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            job.with_env(job.env(cr=cr))._run()
        return job

    def test_nothing_is_measured_before_the_first_record(self):
        self.fallen.update({JANUARY: 0.0, FEBRUARY: 0.0, MARCH: 3.0})
        for begun, found in (
            (None, {}),
            (date(2023, 3, 31), {MARCH: 3.0}),
            (date(2023, 2, 10), {FEBRUARY: 0.0, MARCH: 3.0}),
            (MARCH, {MARCH: 3.0}),
        ):
            with self.subTest(begun=begun):
                self.weather.begun.append(begun)
                self._compute(JANUARY, MARCH)
                self.assertEqual(self._values(self.report), found)

    def test_zeros_from_before_the_first_record_go_without_a_restatement(self):
        self.fallen.update({JANUARY: 0.0, FEBRUARY: 2.0, MARCH: 3.0})
        self._compute(JANUARY, MARCH)
        self.env.cr.execute("UPDATE kpi_measurement SET recorded_at = '2023-04-01'")
        self.weather.begun.append(MARCH)
        self._compute(JANUARY, MARCH)
        self.assertEqual(self._values(self.report), {MARCH: 3.0})
        restated = self.env["kpi.restatement"].search([])
        self.assertEqual(restated.mapped("period_start"), [FEBRUARY])

    def test_the_first_day_of_each_company_is_known(self):
        south = self._create_company("South")
        self.rain.company_id = False
        self.rain._track_for("company", south, company_id=south.id)
        formula = self._definition(
            "Wet", code="wet", computation="formula", formula="2 * rain"
        )
        either = self._definition(
            "Either", computation="formula", formula="coalesce(wet, target(wet))"
        )
        kpis = self.rain | formula | either
        north = self.company.id
        for begun, day in ((None, date.max), (FEBRUARY, FEBRUARY)):
            self.weather.begun[:] = [begun]
            self._compute(JANUARY, MARCH)
            found = kpis._find_first_days()
            days = {north: day, south.id: day}
            self.assertEqual(
                found, {self.rain.id: days, formula.id: days, either.id: {}}
            )
        self.weather.begun.clear()
        self._compute(JANUARY, MARCH)
        self.assertEqual(kpis._find_first_days(), dict.fromkeys(kpis.ids, {}))

    def test_a_period_that_was_evaluated_stays(self):
        self.fallen.update({JANUARY: 0.0, FEBRUARY: 0.0, MARCH: 3.0})
        self.env["kpi.target"].create(
            {"report_id": self.report.id, "date_from": FEBRUARY, "value": 10}
        )
        self._compute(JANUARY, MARCH)
        self.weather.begun.append(MARCH)
        self._compute(JANUARY, MARCH)
        self.assertEqual(self._values(self.report), {FEBRUARY: 0.0, MARCH: 3.0})

    def test_a_job_asks_for_what_has_changed(self):
        job = self._run_job("refresh")
        self.assertEqual((job.state, job.written_count), ("done", 2))
        self.assertEqual(job.step_done_count, job.step_count)
        self.assertValues(self.report, {JANUARY: 10.0, FEBRUARY: 20.0})
        self.asked.clear()
        self._run_job("refresh")
        self.assertEqual(self.asked, [])
        self.fallen[FEBRUARY] = 25.0
        self._run_job("refresh")
        self.assertEqual(self.asked, [FEBRUARY])
        self.assertValues(self.report, {JANUARY: 10.0, FEBRUARY: 25.0})

    def test_what_is_tracked_anew_is_asked_for(self):
        shared = self.rain.copy({"company_id": False})
        self._track(shared)
        self._compute(last=MARCH)
        self.asked.clear()
        self._compute(last=MARCH)
        self.assertEqual(self.asked, [])
        other = self._create_company("South")
        (south,) = shared._track_for("company", other, other.id)
        self._compute(last=MARCH)
        self.assertIn(JANUARY, self.asked)
        self.assertValues(south, {JANUARY: 10.0, FEBRUARY: 20.0})

    def test_none_takes_a_value_away_and_silence_does_not(self):
        self._run_job("refresh")
        self.fallen[JANUARY] = None
        del self.fallen[FEBRUARY]
        self._run_job("refresh")
        self.assertValues(self.report, {FEBRUARY: 20.0})

    def test_the_nightly_check_finds_no_drift(self):
        self._run_job("refresh")
        self.asked.clear()
        with patch.object(
            self.weather,
            "_get_fingerprints",
            lambda _source, _definitions, periods: {each.start: "" for each in periods},
        ):
            self._run_job("refresh")
            self.fallen[JANUARY] = 11.0
            job = self._run_job("reconcile")
        self.assertIn(JANUARY, self.asked)
        self.assertEqual((job.state, job.written_count), ("done", 1))
        self.assertEqual(job.drift_count, 0)

    def test_a_job_stops_between_two_chunks(self):
        log_chunk = KpiJob._log_chunk

        def cancel_after_one(running, *args):
            log_chunk(running, *args)
            running.action_cancel()

        with (
            patch.object(kpi_source, "CELLS_PER_CHUNK", 1),
            patch.object(KpiJob, "_log_chunk", cancel_after_one),
        ):
            job = self._run_job("recompute")
        self.assertEqual(job.state, "cancelled")
        self.assertValues(self.report, {JANUARY: 10.0})

    def test_nothing_is_handed_over_before_the_history(self):
        self.rain.history_start = FEBRUARY
        # one that begins earlier is asked for in the same call
        self._track(self.rain.copy({"history_start": JANUARY}))
        self._compute(last=MARCH)
        self.assertIn(JANUARY, self.asked)
        self.assertValues(self.report, {FEBRUARY: 20.0})

    def test_a_fact_that_was_not_asked_for_is_refused(self):
        stray = [(self.report.id, date(2023, 1, 15), 1.0)]
        with (
            patch.object(self.weather, "_get_facts", lambda *_: stray),
            mute_logger("odoo.addons.kpi_tracking.models.job.kpi_job"),
        ):
            job = self._run_job("refresh")
        self.assertEqual(job.state, "failed")
        self.assertIn("was not asked for a fact", job.error)
        self.assertIn("2023-01-15", self.rain.source_ids.last_error)
        self.assertValues(self.report, {})

    def test_the_source_says_where_a_value_comes_from(self):
        empty = self.report.get_explanation(JANUARY)
        self.assertEqual(empty["method"], "Provided by another app.")
        self._run_job("refresh")
        found = self.report.get_explanation(JANUARY)
        self.assertEqual(found["method"], f"{self.report.name} in a glass, {JANUARY}")

    def test_a_definition_names_a_source_and_a_number_that_it_knows(self):
        for source, measure, message in (
            ("kpi.gone", "rain", "“kpi.gone” is not installed"),
            ("res.partner", "rain", "“res.partner” does not provide values"),
            (SOURCE, "snow", "does not provide “snow”. Available: rain"),
            (SOURCE, False, "Available: rain"),
        ):
            values = {"external_source": source, "external_measure": measure}
            with self.subTest(values), self.assertRaisesRegex(ValidationError, message):
                self.rain.write(values)

    def test_a_source_that_is_gone_leaves_its_values_and_says_so(self):
        self._run_job("refresh")
        self.env.flush_all()
        for table, column in (
            ("kpi_definition", "external_source"),
            ("kpi_source", "model_name"),
        ):
            self.cr.execute(
                f"UPDATE {table} SET {column} = 'kpi.gone' WHERE {column} = %s",
                (SOURCE,),
            )
        self.env.invalidate_all()
        job = self._run_job("recompute")
        self.assertEqual(job.state, "done")
        self.assertIn("“kpi.gone” is not installed", self.rain.computation_error)
        self.assertValues(self.report, {JANUARY: 10.0, FEBRUARY: 20.0})
        found = self.report.get_explanation(JANUARY)
        self.assertEqual(found["method"], "Provided by another app.")

    def test_what_is_missing_says_how_to_join(self):
        interface = self.env["kpi.external.source"]
        for method, arguments in (
            ("_get_measures", 0),
            ("_get_facts", 2),
            ("_get_fingerprints", 2),
            ("_explain", 2),
        ):
            with self.assertRaisesRegex(NotImplementedError, f"method {method}, which"):
                getattr(interface, method)(*[None] * arguments)
        interface._turn_on(self.rain)  # nothing to prepare
