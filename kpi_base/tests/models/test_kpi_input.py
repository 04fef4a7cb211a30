from datetime import date

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase, tagged

from ...fields import (
    KnownFloat,
    OptionalFloat,
    OptionalInteger,
    OptionalMonetary,
)
from ..common import add_model

NAN, INFINITY = float("nan"), float("1e400")


class Order(models.Model):
    _name = "kpi.test.input"
    _description = "Order"
    _module = None
    _inherit = ["kpi.input.mixin"]

    name = fields.Char(required=True)
    note = fields.Char()
    weight = fields.Float()
    price = fields.Float(digits=(16, 2))
    amount = fields.Monetary()
    currency_id = fields.Many2one("res.currency")
    ordered_on = fields.Date()
    total = fields.Float(readonly=True)
    rebate = OptionalFloat()
    pieces = OptionalInteger()
    sheets = fields.Integer()
    fee = OptionalMonetary()
    tz = fields.Selection(lambda _order: [("UTC", "UTC")], "Zone")
    kind = fields.Selection([("small", "Small")])
    is_scored = fields.Boolean()
    score = KnownFloat(known=lambda order: order.is_scored)


@tagged("post_install", "-at_install")
class TestKpiInput(TransactionCase):
    """Values without meaning are refused with the record and the field's label."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_model(cls, Order)
        cls.order = cls.env["kpi.test.input"].create(
            {"name": "Paper", "currency_id": cls.env.ref("base.EUR").id}
        )

    def _refused(self, message, **values):
        with (
            self.subTest(**values),
            self.assertRaisesRegex(ValidationError, message),
            self.cr.savepoint(),
        ):
            self.order.write(values)
        with (
            self.subTest(new=True, **values),
            self.assertRaisesRegex(ValidationError, message.partition(", ")[2]),
            self.cr.savepoint(),
        ):
            self.order.create({"name": "Ink", **values})

    def test_numbers_that_are_not_finite(self):
        for value in (NAN, INFINITY, -INFINITY):
            for name in ("weight", "price", "amount"):
                label = name.title()
                message = f"Paper, {label}: this is not a finite number"
                self._refused(message, **{name: value})

    def test_integers_beyond_all_floats(self):
        for name in ("weight", "price", "amount"):
            message = f"Paper, {name.title()}: this is not a finite number"
            self._refused(message, **{name: 10**400})

    def test_a_text_for_a_rounded_number_is_refused_before_odoo_fails(self):
        self._refused("Paper, Price: this is not a finite number", price="much")
        self.order.price = "12.5"
        self.assertEqual(self.order.price, 12.5)

    def test_whole_numbers_that_no_column_holds(self):
        for number in (10**12, -(10**12), 2**31, INFINITY, NAN):
            self._refused("Paper, Sheets: this number is too large", sheets=number)
        for number in (2**31 - 1, -5, 0, False):
            self.order.sheets = number
        self.assertEqual(self.order.sheets, 0)

    def test_choices_that_a_list_made_by_code_does_not_have(self):
        self._refused("Paper, Zone: “Mars” is not one of the choices", tz="Mars")
        for zone in ("UTC", False):
            self.order.tz = zone
        self.order.kind = "small"

    def test_days_that_no_calendar_has(self):
        for day in (date(9999, 1, 1), date(1899, 12, 31)):
            message = f"Paper, Ordered On: {day} is .* Use a year from 1900 to 9998"
            self._refused(message, ordered_on=day)
        for day in (date(9998, 12, 31), date(1900, 1, 1), False):
            self.order.ordered_on = day

    def test_required_texts_of_blanks(self):
        with self.assertRaisesRegex(ValidationError, "Order, Name: enter text"):
            self.order.create({"name": " \t"})
        with self.assertRaisesRegex(ValidationError, "Name: enter text"):
            self.order.name = ""
        self.order.note = " "

    def test_what_only_the_engine_writes_is_its_own(self):
        self.order.total = NAN
        self.env.flush_all()

    def test_teams_are_checked(self):
        team = self.env["kpi.team"].create({"name": "Alpha"})
        stay = self.env["kpi.team.member"].create(
            {"team_id": team.id, "user_id": self.env.user.id}
        )
        with self.assertRaisesRegex(ValidationError, "Left: .* 1900 to 9998"):
            stay.date_to = date(9999, 1, 1)
        with self.assertRaisesRegex(ValidationError, "Name: enter text"):
            team.name = " "

    def test_a_number_that_is_missing_is_not_zero(self):
        names = ("rebate", "pieces", "fee")
        self.assertEqual([self.order[name] for name in names], [False] * 3)
        self.order.write(dict.fromkeys(names, 0))
        self.assertEqual(self._stored(names), [0, 0, 0])
        self.assertEqual(
            [type(self.order[name]) for name in names], [float, int, float]
        )
        for missing in (None, False):
            self.order.write(dict.fromkeys(names, missing))
            self.assertEqual(self._stored(names), [None] * 3)
            self.assertEqual([self.order[name] for name in names], [False] * 3)

    def test_a_missing_number_is_found_and_exported_as_nothing(self):
        other = self.order.create({"name": "Ink", "rebate": 0, "fee": 2})
        orders = self.order | other
        for name in ("rebate", "fee"):
            among = [("id", "in", orders.ids)]
            empty = self.order.search([*among, (name, "=", False)])
            self.assertEqual(empty, self.order)
            self.assertEqual(self.order.search([*among, (name, "!=", False)]), other)
        rows = orders.export_data(["rebate", "pieces", "fee"])["datas"]
        self.assertEqual(rows, [["", "", ""], [0.0, "", 2.0]])

    def test_a_number_that_is_not_known_is_exported_as_an_empty_cell(self):
        other = self.order.create({"name": "Ink", "is_scored": True})
        rows = (self.order | other).export_data(["score"])["datas"]
        self.assertEqual(rows, [[""], [0.0]])

    def _stored(self, names):
        self.env.flush_all()
        self.cr.execute(
            f"SELECT {', '.join(names)} FROM kpi_test_input WHERE id = %s",
            [self.order.id],
        )
        found = self.cr.fetchone()
        self.env.invalidate_all()
        return [None if value is None else float(value) for value in found]
