"""Orders, their lines and tasks, against plain Python over ``search_read``."""

import math
import random
from collections import defaultdict
from datetime import date, datetime, timedelta

import pytest

from odoo.fields import Command

SHARES_DATABASE = True


FIRST, LAST = date(2023, 1, 1), date(2023, 6, 30)


@pytest.fixture
def shop(env):
    """A company in euros with customers, sellers in departments, rates of dollars."""
    return Shop(env)


class Shop:
    def __init__(self, env):
        self.rng = random.Random(11)
        env["kpi.definition"].search([]).active = False
        self.euro, self.dollar = env.ref("base.EUR"), env.ref("base.USD")
        (self.euro | self.dollar).active = True
        self.company = env["res.company"].create(
            {"name": "North", "currency_id": self.euro.id}
        )
        self.env = env(context={**env.context, "allowed_company_ids": self.company.ids})
        self.calendar = self.env["kpi.calendar"].create({"name": "UTC", "tz": "UTC"})
        self.customers = self.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(5)]
        )
        self.root = self._department("Sales")
        self.departments = [self._department(n, self.root) for n in ("East", "West")]
        self.users = self.env["res.users"].create(
            [
                {
                    "name": f"Seller {number}",
                    "login": f"seller{number}",
                    "company_id": self.company.id,
                    "company_ids": [Command.set(self.company.ids)],
                }
                for number in range(4)
            ]
        )
        for number, user in enumerate(self.users):
            self.env["hr.employee"].create(
                {
                    "name": user.name,
                    "user_id": user.id,
                    "company_id": self.company.id,
                    "department_id": self.departments[number % 2].id,
                    "date_version": date(2020, 1, 1),
                }
            )

    def _department(self, name, parent=None):
        return self.env["hr.department"].create(
            {
                "name": name,
                "company_id": self.company.id,
                "parent_id": parent and parent.id,
            }
        )

    def moment(self):
        start = datetime(2022, 12, 15)
        return start + timedelta(seconds=self.rng.randrange(220 * 86400))

    def define(self, **values):
        return self.env["kpi.definition"].create(
            {
                "name": "KPI",
                "company_id": self.company.id,
                "calendar_id": self.calendar.id,
                "computation": "records",
                "history_start": FIRST,
                "currency_id": self.euro.id,
                **values,
            }
        )

    def values(self, definition, scope_type, record):
        """Month → value after a run."""
        report = definition._track_for(scope_type, record, company_id=self.company.id)
        self.env["kpi.source"]._recompute_all(FIRST, LAST)
        facts = self.env["kpi.measurement"].search_read(
            [("report_id", "=", report.id), ("grain", "=", "month")],
            ["period_start", "value"],
        )
        return {fact["period_start"]: fact["value"] for fact in facts}

    def create_orders(self, count, teams=()):
        product = self.env["product.product"].create({"name": "Pump"})
        pricelists = {
            currency: self.env["product.pricelist"].create(
                {"name": currency.name, "currency_id": currency.id}
            )
            for currency in (self.euro, self.dollar)
        }
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": self.rng.choice(self.customers).id,
                    "company_id": self.company.id,
                    "user_id": self.rng.choice(self.users).id,
                    "team_id": self.rng.choice(teams).id if teams else False,
                    "pricelist_id": self.rng.choice(list(pricelists.values())).id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_uom_qty": self.rng.randint(1, 5),
                                "price_unit": round(self.rng.uniform(1, 900), 2),
                                "tax_ids": [Command.clear()],
                            }
                        )
                        for _line in range(2)
                    ],
                }
                for _number in range(count)
            ]
        )
        for order in orders:
            state = self.rng.choice(["draft", "sale", "cancel"])
            order.write({"state": state, "date_order": self.moment()})
        return orders


def months(first=FIRST, last=LAST):
    day = first
    while day <= last:
        yield day
        day = (day + timedelta(days=31)).replace(day=1)


def assert_close(found, expected):
    assert sorted(found) == sorted(expected)
    for key, value in expected.items():
        assert math.isclose(found[key], value, rel_tol=1e-9, abs_tol=1e-9), key


def test_revenue_of_orders_in_two_currencies(shop):
    env = shop.env
    rates = {date(2022, 12, 1): 1.05, date(2023, 2, 10): 1.21, date(2023, 5, 3): 1.08}
    env["res.currency.rate"].search([]).unlink()
    for day, rate in rates.items():
        env["res.currency.rate"].create(
            {"currency_id": shop.dollar.id, "name": day, "rate": rate}
        )
    shop.create_orders(60)
    definition = shop.define(
        model_name="sale.order",
        date_field="date_order",
        domain="[('state', '=', 'sale')]",
        measure="sum",
        measure_field="amount_total",
        unit="currency",
    )
    found = shop.values(definition, "company", shop.company)
    expected = dict.fromkeys(months(), 0.0)
    names = ["state", "date_order", "amount_total", "currency_id"]
    for order in env["sale.order"].search_read([], names, load=None):
        day = order["date_order"].date()
        if order["state"] != "sale" or not FIRST <= day <= LAST:
            continue
        rate = rates[max(known for known in rates if known <= day)]
        divisor = rate if order["currency_id"] == shop.dollar.id else 1.0
        expected[day.replace(day=1)] += order["amount_total"] / divisor
    assert sum(expected.values()) > 0
    assert_close(found, expected)


def test_lines_are_dated_and_put_into_teams_by_their_order(shop):
    env = shop.env
    teams = env["crm.team"].create([{"name": name} for name in ("Direct", "Partners")])
    orders = shop.create_orders(40, teams)
    definition = shop.define(
        model_name="sale.order.line",
        date_field="order_id.date_order",
        measure="sum",
        measure_field="product_uom_qty",
        user_field="order_id.user_id",
        team_field="order_id.team_id",
    )
    linked = env["kpi.team"]._find_or_create_linked(teams)
    expected = defaultdict(lambda: dict.fromkeys(months(), 0.0))
    lines = env["sale.order.line"].search_read([], ["product_uom_qty", "order_id"])
    by_id = {order.id: order for order in orders}
    for line in lines:
        order = by_id[line["order_id"][0]]
        month = order.date_order.date().replace(day=1)
        if FIRST <= month <= LAST:
            expected[linked[order.team_id.id]][month] += line["product_uom_qty"]
            expected[order.user_id][month] += line["product_uom_qty"]
    for record in linked.values():
        assert_close(shop.values(definition, "team", record), expected[record])
    for record in shop.users:
        assert_close(shop.values(definition, "user", record), expected[record])
    # another date of an order moves its lines
    month = FIRST.replace(month=2)
    before = shop.values(definition, "company", shop.company)
    moved = orders.filtered(lambda o: o.date_order.date().replace(day=1) == month)
    assert moved
    moved[0].date_order = "2023-04-04 10:00:00"
    quantity = sum(moved[0].order_line.mapped("product_uom_qty"))
    after = shop.values(definition, "company", shop.company)
    assert after[month] == before[month] - quantity
    april = FIRST.replace(month=4)
    assert after[april] == before[april] + quantity


def test_tasks_with_several_people_count_once_per_department(shop):
    env = shop.env
    project = env["project.project"].create(
        {"name": "Plant", "company_id": shop.company.id}
    )
    tasks = env["project.task"].create(
        [
            {
                "name": f"Task {number}",
                "project_id": project.id,
                "user_ids": [
                    Command.set([u.id for u in shop.users if shop.rng.random() < 0.5])
                ],
            }
            for number in range(50)
        ]
    )
    for task in tasks:
        task.date_deadline = shop.moment()
    env.flush_all()
    definition = shop.define(model_name="project.task", date_field="date_deadline")
    assert definition.user_field == "user_ids"
    scopes = defaultdict(lambda: dict.fromkeys(months(), 0.0))
    mine = [("project_id", "=", project.id)]
    for task in env["project.task"].search_read(mine, ["user_ids", "date_deadline"]):
        month = task["date_deadline"].date().replace(day=1)
        if not FIRST <= month <= LAST:
            continue
        places = [shop.users.ids.index(user_id) for user_id in task["user_ids"]]
        scopes[shop.company][month] += 1
        for department in {shop.departments[place % 2] for place in places}:
            scopes[department][month] += 1
        scopes[shop.root][month] += bool(places)
        for place in places:
            scopes[shop.users[place]][month] += 1
    assert_close(shop.values(definition, "company", shop.company), scopes[shop.company])
    for department in (shop.root, *shop.departments):
        found = shop.values(definition, "department", department)
        assert_close(found, scopes[department])
    for user in shop.users:
        assert_close(shop.values(definition, "user", user), scopes[user])
