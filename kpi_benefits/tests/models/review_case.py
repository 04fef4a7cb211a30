"""A review of an initiative that is live, of which months have gone by."""

from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.fields import Command

from .benefit_case import BenefitCase

FIGURE = "kpi.review.figure"


class ReviewCase(BenefitCase):
    """Olga's initiative has a benefit of 1,000 a month; Sue, its sponsor, reviews.

    Of six months three are over, of which 800 came in each.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rita = cls._make_user("rita", "user")

    def setUp(self):
        super().setUp()
        today = fields.Date.context_today(self.env.user)
        first = today.replace(day=1) - relativedelta(months=3)
        self.initiative = self._make(
            planned_go_live_date=date(2026, 1, 5),
            go_live_date=date(2026, 2, 6),
            gate_ids=[
                Command.create(
                    {
                        "name": "Go-live",
                        "planned_date": date(2026, 1, 5),
                        "actual_date": date(2026, 2, 6),
                    }
                )
            ],
            cost_ids=[Command.create({"planned": 2500, "actual": 3125})],
        )
        self.benefit = self._benefit(
            self.initiative,
            date_from=first,
            date_to=first + relativedelta(months=5),
        )
        self.benefit.period_ids.sorted("period_start")[:3].realized = 800

    def _review(self, user=None, **values):
        return self._as(
            user or self.olga, self.env["kpi.post.implementation.review"]
        ).create(
            {
                "initiative_id": self.initiative.id,
                "executive_summary": "Connection successful.",
                **values,
            }
        )

    def _submitted(self, **values):
        review = self._review(**values)
        review.action_submit()
        return review

    def _published(self, **values):
        review = self._submitted(**values)
        self._as(self.sue, review).action_approve()
        review.action_publish()
        return review

    def _figure(self, review, code, kind="total"):
        return review.figure_ids.filtered(
            lambda one: (one.kind, one.code) == (kind, code)
        )

    def _change_past_odoo(self, table, record, **values):
        """What somebody does who writes to the database itself."""
        self.env.flush_all()
        for name, value in values.items():
            self.env.cr.execute(
                f"UPDATE {table} SET {name} = %s WHERE id = %s", (value, record.id)
            )
        self.env.invalidate_all()
