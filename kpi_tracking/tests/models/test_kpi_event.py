from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ...models.fact.kpi_measurement import BATCH
from .test_kpi_judged import KpiTargetCase

JANUARY, FEBRUARY, MARCH = (date(2026, month, 1) for month in (1, 2, 3))


@tagged("post_install", "-at_install")
class TestKpiEvent(KpiTargetCase):
    """What listeners are told of facts, judgements and what people do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls._report("Heard")
        cls.facts = cls.env["kpi.measurement"]

    def _note_rows(self, changes):
        """Rows are read in the call: later ones may change the same facts."""
        rows = changes.rows()
        self.told.append({(row.period_start, row.old, row.new) for row in rows})

    def _listen(self, name, note=None):
        """Calls of a method of ``kpi.event``, as lists of their arguments.

        :param note: called with the arguments of each call
        """
        calls = []
        events = self.registry["kpi.event"]
        method = getattr(events, name)

        def heard(model, *args):
            calls.append(args)
            if note:
                note(*args)
            return method(model, *args)

        patcher = patch.object(events, name, heard)
        patcher.start()
        self.addCleanup(patcher.stop)
        return calls

    def _upsert(self, *rows, **options):
        rows = [(self.report.id, *row) for row in rows]
        return self.facts._upsert("month", rows, source="manual", **options)

    def test_listeners_get_each_value_with_the_one_before(self):
        calls, told = self._listen("_facts_changed", self._note_rows), []
        self.told = told
        self._upsert((JANUARY, 1.0), (FEBRUARY, 2.0))
        self._upsert((JANUARY, 1.0), (FEBRUARY, 3.0), (MARCH, 4.0), reason="typing")
        self._upsert((JANUARY, None))
        self.assertEqual(
            told,
            [
                {(JANUARY, None, 1.0), (FEBRUARY, None, 2.0)},
                {(FEBRUARY, 2.0, 3.0), (MARCH, None, 4.0)},
                {(JANUARY, 1.0, None)},
            ],
        )
        second = calls[1][0]
        self.assertEqual((second.cause, second.reason), ("manual", "typing"))
        self.assertEqual((second.grain, second.first_period), ("month", FEBRUARY))
        self.assertEqual(second.report_ids, self.report.ids)

    def test_equal_values_tell_nobody(self):
        self._upsert((JANUARY, 1.0))
        calls = self._listen("_facts_changed")
        self._upsert((JANUARY, 1.0))
        self.assertFalse(calls)

    def test_a_value_with_another_weight_only_is_no_other_value(self):
        self._upsert((JANUARY, 1.0, 5.0))
        calls = self._listen("_facts_changed")
        self._upsert((JANUARY, 1.0, 6.0))
        ((changes,),) = calls
        self.assertEqual(len(changes.changed_ids), 1)
        self.assertFalse(list(changes.rows()))

    def test_many_changes_are_read_in_batches(self):
        calls = self._listen("_facts_changed")
        days = [
            (date.fromordinal(JANUARY.toordinal() + day), float(day))
            for day in range(25)
        ]
        with patch("odoo.addons.kpi_tracking.models.fact.kpi_measurement.BATCH", 10):
            self.facts._upsert(
                "day", [(self.report.id, *row) for row in days], source="manual"
            )
            told = [(row.period_start, row.new) for row in calls[0][0].rows()]
        self.assertEqual(sorted(told), days)
        self.assertGreater(BATCH, 10)

    def test_an_error_of_a_listener_refuses_the_value(self):
        events = self.registry["kpi.event"]

        def refuse(*_args):
            raise UserError("no")

        with (
            patch.object(events, "_facts_changed", refuse),
            self.assertRaises(UserError),
            self.cr.savepoint(),
        ):
            self._upsert((JANUARY, 1.0))
        self.assertFalse(self.facts.search([("report_id", "=", self.report.id)]))

    def test_closed_periods_are_judged_once(self):
        self._target(self.report, value=10.0)
        calls = self._listen("_periods_judged")
        self._upsert((JANUARY, 8.0))
        self._upsert((JANUARY, 9.0))
        ((rows,),) = calls
        self.assertEqual(rows.mapped("period_start"), [JANUARY])
        self.assertEqual(rows.achievement, 80.0)

    def test_a_running_period_is_not_judged(self):
        self._target(self.report, value=10.0)
        calls = self._listen("_periods_judged")
        self._upsert((date(2026, 11, 1), 8.0))
        self.assertFalse(calls)

    def test_targets_tell_when_they_change(self):
        calls = self._listen("_event")
        target = self._target(self.report, value=10.0)
        target.value = 12.0
        target.unlink()
        self.assertEqual([name for name, _records in calls], ["target.changed"] * 3)

    def test_an_event_that_no_addon_has_is_refused(self):
        with self.assertRaisesRegex(ValueError, "target.gone"):
            self.env["kpi.event"]._emit("target.gone", self.report)
        with self.assertRaisesRegex(ValueError, "kpi.target, not kpi.report"):
            self.env["kpi.event"]._emit("target.changed", self.report)
