from odoo import api, models
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from ..common import add_model


class Events(models.AbstractModel):
    """An addon that emits an event, and one that listens."""

    _name = "kpi.event"
    _module = None
    _inherit = ["kpi.event"]

    @api.model
    def _event_models(self):
        return {**super()._event_models(), "team.founded": "kpi.team"}

    @api.model
    def _event(self, name, records):
        if name == "team.founded":
            records.name = "Heard"
            if len(records) > 1:
                raise UserError(self.env._("One at a time."))
        return super()._event(name, records)


@tagged("post_install", "-at_install")
class TestKpiBaseEvent(TransactionCase):
    """Listeners hear in the transaction of the cause."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_model(cls, Events)
        cls.events = cls.env["kpi.event"]
        cls.teams = cls.env["kpi.team"].create([{"name": "A"}, {"name": "B"}])

    def test_listeners_act_on_the_records(self):
        self.events._emit("team.founded", self.teams[0])
        self.assertEqual(self.teams.mapped("name"), ["Heard", "B"])

    def test_nothing_done_is_no_event(self):
        self.events._emit("team.founded", self.teams.browse())
        self.events._emit("nobody.knows", self.teams.browse())

    def test_a_listener_may_refuse_the_cause(self):
        with self.assertRaisesRegex(UserError, "One at a time"):
            self.events._emit("team.founded", self.teams)

    def test_names_and_records_that_do_not_fit_are_a_mistake(self):
        for name, records in (
            ("team.lost", self.teams),
            ("team.founded", self.env.user),
        ):
            with self.assertRaisesRegex(ValueError, f"'{name}' is about"):
                self.events._emit(name, records)
        self.assertEqual(self.teams.mapped("name"), ["A", "B"])
