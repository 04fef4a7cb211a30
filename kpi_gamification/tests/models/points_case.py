from odoo.tests import new_test_user
from odoo.tools import SQL

USER = "kpi_base.kpi_base_group_user"
OFFICER = "kpi_base.kpi_base_group_officer"


class PointsMixin:
    """People of one company who get points."""

    @classmethod
    def _make_people(cls):
        cls.company = cls.env["res.company"].create({"name": "Points & Co"})
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.company.ids}
        )
        cls.entries = cls.env["kpi.points.entry"]
        cls.ann, cls.ben = (cls._colleague(name) for name in ("ann", "ben"))
        cls.officer = cls._colleague("officer", OFFICER)

    @classmethod
    def _colleague(cls, name, groups=USER):
        return new_test_user(
            cls.env,
            f"points_{name}",
            groups,
            name=name.capitalize(),
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    @classmethod
    def _give(cls, *given, origin="award"):
        """Book points: (person, points, id of the origin) each."""
        rows = [
            SQL("(%s, %s, %s, %s, 'Test')", person.id, cls.company.id, points, res_id)
            for person, points, res_id in given
        ]
        return cls.entries._book(SQL("VALUES %s", SQL(", ").join(rows)), origin)

    def _spend(self, person, price, company=None):
        """Spend points on an order that is only there for that."""
        company = company or self.company
        reward = self.env["kpi.reward"].create(
            {"name": "Mug", "price": price, "company_id": company.id}
        )
        orders = self.env["kpi.reward.order"]
        order = orders.create(
            {
                "reward_id": reward.id,
                "user_id": person.id,
                "company_id": company.id,
                "price": price,
            }
        )
        self.entries._spend_on(order)

    def _balance(self, person):
        heads = self.env["kpi.points.balance"].sudo()
        return heads.search([("user_id", "=", person.id)]).balance

    def _as(self, person, records):
        return records.with_user(person).with_context(
            allowed_company_ids=self.company.ids
        )
