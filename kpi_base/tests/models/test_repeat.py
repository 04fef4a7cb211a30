from unittest.mock import Mock

from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo.exceptions import ConcurrencyError, UserError
from odoo.tests import BaseCase

from ...repeat import ATTEMPTS, repeat_late


class TestRepeat(BaseCase):
    """A step that came too late is taken again; with two connections in tests/."""

    def _repeat(self, *outcomes):
        """The result, and how often a step was taken whose calls end so."""
        self.place, self.step = Mock(), Mock(side_effect=outcomes)
        return repeat_late(self.place, self.step, 7)

    def test_a_step_in_time_is_taken_once(self):
        self.assertEqual(self._repeat("done"), "done")
        self.step.assert_called_once_with(7)
        self.place.flush_all.assert_called_once()
        self.place.cr.rollback.assert_not_called()

    def test_a_late_step_is_taken_again_with_nothing_left_of_it(self):
        for error in (SerializationFailure, ConcurrencyError):
            self.assertEqual(self._repeat(error("late"), error("late"), "done"), "done")
            self.assertEqual(self.step.call_count, 3)
            self.assertEqual(self.place.cr.rollback.call_count, 2)
            self.assertEqual(self.place.transaction.reset.call_count, 2)

    def test_what_is_late_when_it_is_written_counts_too(self):
        self.place, step = Mock(), Mock(return_value="done")
        self.place.flush_all.side_effect = [SerializationFailure("late"), None]
        self.assertEqual(repeat_late(self.place, step), "done")
        self.assertEqual(step.call_count, 2)

    def test_it_ends_when_a_step_is_always_late(self):
        late = [SerializationFailure("late")] * ATTEMPTS
        with self.assertRaises(SerializationFailure):
            self._repeat(*late, "done")
        self.assertEqual(self.step.call_count, ATTEMPTS)

    def test_other_errors_are_not_waited_for(self):
        for error in (UserError("no"), UniqueViolation("twice")):
            with self.assertRaises(type(error)):
                self._repeat(error, "done")
            self.assertEqual(self.step.call_count, 1)
            self.place.cr.rollback.assert_not_called()
