import random
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from odoo.fields import Command, Domain
from odoo.tests import tagged

from odoo.addons.kpi_base.tests.common import LONG

from ..common import FIRST, LAST, KpiCase, days, local_day, measured, month_of

TZ = "Europe/Brussels"
FILTER = "[('x_quantity', '>', 2)]"
HOURS = ((8, 12), (13, 17))
NUMBER_MEASURES = (
    "sum",
    "average",
    "weighted_average",
    "min",
    "max",
    "median",
    "percentile",
)
OPERANDS = {
    "field": {"measure_field": "x_amount"},
    "product": {"measure_field": "x_hours", "factor_field": "x_quantity"},
    "duration": {"duration_unit": "hour"},
    "working": {"duration_unit": "hour"},
}
OF_DURATION = {"duration_from_field": "x_at", "duration_to_field": "x_closed_at"}


def counts(deal):
    """What ``FILTER`` says, and that the record is not archived."""
    return deal["x_quantity"] > 2 and deal["x_active"]


@cache
def worked_hours(start, stop):
    """Hours from Monday to Friday, 8-12 and 13-17 in ``TZ``, day by day."""
    if not start or not stop:
        return None
    total = timedelta()
    zone, utc = ZoneInfo(TZ), ZoneInfo("UTC")
    start, stop = start.replace(tzinfo=utc), stop.replace(tzinfo=utc)
    for day in days(start.astimezone(zone).date(), stop.astimezone(zone).date()):
        for low, high in HOURS if day.weekday() < 5 else ():
            opens = datetime.combine(day, time(low), zone).astimezone(utc)
            closes = datetime.combine(day, time(high), zone).astimezone(utc)
            total += max(min(closes, stop) - max(opens, start), timedelta())
    return total.total_seconds() / 3600


def operand_of(operand, deal):
    """What is measured on a record, None where it has no value."""
    if operand == "field":
        return deal["x_amount"]
    if operand == "product":
        return deal["x_hours"] * deal["x_quantity"]
    start, stop = deal["x_at"], deal["x_closed_at"]
    if not start or not stop:
        return None
    if operand == "working":
        return worked_hours(start, stop)
    return (stop - start).total_seconds() / 3600


@tagged("post_install", "-at_install")
class TestKpiMeasures(KpiCase):
    """Every measure, kind, operand and scope against plain Python."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rng = random.Random(20231105)
        cls.calendar.tz = TZ
        cls._create_people()
        cls._create_teams()
        cls._create_working_hours()
        cls._create_deals(300)

    @classmethod
    def _create_people(cls):
        cls.root = cls._create_department("All")
        cls.east = cls._create_department("East", cls.root)
        cls.west = cls._create_department("West", cls.root)
        cls.users = cls.env["res.users"]
        for number in range(4):
            cls.users |= cls._create_user(f"seller{number}")
        cls.moved_on = date(2023, 6, 15)
        for number, department in enumerate([cls.east, cls.west, cls.root, cls.east]):
            employee = cls._employ(cls.users[number], department)
            if number == 3:
                cls._transfer(employee, cls.west, cls.moved_on)

    @classmethod
    def _create_teams(cls):
        red, blue = cls.env["kpi.team"].create(
            [{"name": name, "company_id": cls.company.id} for name in ("Red", "Blue")]
        )
        cls.teams = red | blue
        cls.stays = [
            (red, cls.users[0], date(1900, 1, 1), None),
            (red, cls.users[1], date(2023, 3, 10), date(2023, 9, 1)),
            (blue, cls.users[1], date(2023, 9, 1), None),
            (blue, cls.users[0], date(2023, 5, 5), None),
        ]
        cls.env["kpi.team.member"].create(
            [
                {
                    "team_id": team.id,
                    "user_id": user.id,
                    "date_from": start,
                    "date_to": stop,
                }
                for team, user, start, stop in cls.stays
            ]
        )

    @classmethod
    def _create_working_hours(cls):
        cls.working_hours = cls.env["resource.calendar"].create(
            {
                "name": "Office",
                "tz": TZ,
                "company_id": cls.company.id,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": "work",
                                "dayofweek": str(weekday),
                                "hour_from": low,
                                "hour_to": high,
                                "day_period": "morning",
                            }
                        )
                        for weekday in range(5)
                        for low, high in HOURS
                    ),
                ],
            }
        )

    @classmethod
    def _create_deals(cls, count):
        stages = cls.env["x_kpi_stage"].create(
            [{"x_name": "Won", "x_is_won": True}, {"x_name": "Open"}]
        )
        partners = cls.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(15)]
        )
        rng = cls.rng
        companies = [cls.company, cls.company, cls.env["res.company"]]
        companies.append(cls._create_company("South"))
        cls.deals.create(
            [
                {
                    "x_name": f"Deal {number}",
                    "x_active": rng.random() < 0.95,
                    "x_at": cls._moment() if rng.random() < 0.97 else False,
                    "x_closed_at": cls._moment(60) if rng.random() < 0.8 else False,
                    "x_amount": round(rng.uniform(-50, 1000), 2),
                    "x_hours": round(rng.uniform(0, 9), 3),
                    "x_weight": rng.choice([0.0, 1.0, 2.5]),
                    "x_quantity": rng.randint(0, 9),
                    "x_is_won": rng.random() < 0.4,
                    "x_company_id": rng.choice(companies).id,
                    "x_user_id": rng.choice([*cls.users, cls.users.browse()]).id,
                    "x_user_ids": [
                        Command.set(
                            [user.id for user in cls.users if rng.random() < 0.4]
                        )
                    ],
                    "x_team_id": rng.choice([*cls.teams, cls.teams.browse()]).id,
                    "x_department_id": rng.choice(
                        [cls.root, cls.east, cls.west, cls.root.browse()]
                    ).id,
                    "x_stage_id": rng.choice(stages).id,
                    "x_partner_id": rng.choice([*partners, partners.browse()]).id,
                }
                for number in range(count)
            ]
        )

    @classmethod
    def _moment(cls, later=0):
        """A random second from December 2022 to January 2024, ``later`` days on."""
        start = datetime(2022, 12, 1) + timedelta(days=later)
        return start + timedelta(seconds=cls.rng.randrange(420 * 86400))

    # Definitions

    def _define(self, measure, operand="field", **values):
        values.setdefault("date_field", "x_at")
        if operand in ("duration", "working"):
            values.update(OF_DURATION)
        if measure == "weighted_average":
            values["weight_field"] = "x_weight"
        if measure == "distinct":
            values["measure_field"] = "x_partner_id"
        if measure == "share":
            values["numerator_domain"] = "[('x_stage_id.x_is_won', '=', True)]"
        kind = values.get("kind", "flow")
        name = f"{kind} {measure} {operand} {values.pop('variant', '')}"
        if operand == "working":
            values["working_calendar_id"] = self.working_hours.id
        definition = self._definition(
            name,
            domain=FILTER,
            measure=measure,
            operand="duration" if operand == "working" else operand,
            percentile=80.0,
            **{**OPERANDS[operand], **values},
        )
        return definition

    def _define_all(self, **values):
        """(measure, operand, definition) for every measure and every operand.

        Each measure on one of the operands by turns, on all of them in long tests.
        """
        pairs = [(measure, "field") for measure in ("count", "share", "distinct")]
        for turn, measure in enumerate(NUMBER_MEASURES):
            operands = list(OPERANDS)
            if not LONG:
                operands = [operands[turn % len(operands)]]
            pairs += [(measure, operand) for operand in operands]
        return [
            (measure, operand, self._define(measure, operand, **values))
            for measure, operand in pairs
        ]

    def _track_all(self, definitions):
        scopes = [self.company, self.root, self.east, self.west]
        for definition in definitions:
            self._track(definition, *scopes, *self.teams, *self.users)

    # Expected values

    def _expected_value(self, measure, operand, deals):
        if measure == "share":
            won = self._won_ids()
            hits = sum(deal["x_stage_id"] in won for deal in deals)
            return 100.0 * hits / len(deals) if deals else None
        if measure == "count":
            return measured("count", deals)
        if measure == "distinct":
            partners = [deal["x_partner_id"] for deal in deals]
            return measured("distinct", [partner for partner in partners if partner])
        pairs = [(operand_of(operand, deal), deal["x_weight"]) for deal in deals]
        pairs = [(value, weight) for value, weight in pairs if value is not None]
        if measure == "weighted_average":
            return measured(measure, pairs)
        return measured(measure, [value for value, _weight in pairs], 80.0)

    def _won_ids(self):
        stages = self.env["x_kpi_stage"].search_read([], ["x_is_won"])
        return {stage["id"] for stage in stages if stage["x_is_won"]}

    def _own(self, deal):
        """Whether a record counts for the company: its own, or of no company."""
        return deal["x_company_id"] in (False, self.company.id)

    def _department_on(self, user_id, day):
        number = self.users.ids.index(user_id)
        if number == 3 and day >= self.moved_on:
            return self.west
        return [self.east, self.west, self.root, self.east][number]

    def _departments_of(self, user_ids, day):
        found = set()
        for user_id in user_ids:
            department = self._department_on(user_id, day)
            found |= {department.id, self.root.id}
        return found

    def _teams_of(self, user_ids, day):
        return {
            team.id
            for team, user, start, stop in self.stays
            if user.id in user_ids and start <= day and (not stop or day < stop)
        }

    def _scopes_by_user(self, deal, day):
        """Scopes of a record by its ``x_user_id``: dated departments and teams."""
        user_ids = {deal["x_user_id"]} - {False}
        return self._scopes_of(user_ids, day)

    def _scopes_by_users(self, deal, day):
        return self._scopes_of(set(deal["x_user_ids"]), day)

    def _scopes_of(self, user_ids, day):
        yield "company", self.company.id
        for user_id in user_ids:
            yield "user", user_id
        for department_id in self._departments_of(user_ids, day):
            yield "department", department_id
        for team_id in self._teams_of(user_ids, day):
            yield "team", team_id

    def _scopes_on_record(self, deal, _day):
        yield "company", self.company.id
        if deal["x_user_id"]:
            yield "user", deal["x_user_id"]
        if deal["x_team_id"]:
            yield "team", deal["x_team_id"]
        if deal["x_department_id"]:
            yield from {
                ("department", deal["x_department_id"]),
                ("department", self.root.id),
            }

    def _grouped_flow(self, scopes):
        groups = defaultdict(list)
        for deal in self._all_deals():
            if not deal["x_at"] or not counts(deal) or not self._own(deal):
                continue
            day = local_day(deal["x_at"], TZ)
            for scope in scopes(deal, day):
                groups[(*scope, month_of(day))].append(deal)
        return groups

    def _grouped_stock(self, scopes):
        groups = defaultdict(list)
        deals = [deal for deal in self._all_deals() if counts(deal) and deal["x_at"]]
        for start in self._months():
            stop = month_of(start + timedelta(days=31))
            last = stop - timedelta(days=1)
            for deal in filter(self._own, deals):
                closed = deal["x_closed_at"]
                if local_day(deal["x_at"], TZ) > last:
                    continue
                if closed and local_day(closed, TZ) <= last:
                    continue
                for scope in scopes(deal, last):
                    groups[(*scope, start)].append(deal)
        return groups

    def _months(self):
        return sorted({month_of(day) for day in days(FIRST, LAST)})

    def _check(self, defined, groups):
        for measure, operand, definition in defined:
            for report in definition.report_ids:
                key = (report.scope_type, report.scope_id)
                expected = {
                    start: self._expected_value(
                        measure, operand, groups.get((*key, start), [])
                    )
                    for start in self._months()
                }
                self.assertValues(report, expected, label=definition.name)

    def _check_kind(self, scopes, groups_of, pairs=None, **values):
        if pairs is None:
            defined = self._define_all(**values)
        else:
            defined = [
                (measure, operand, self._define(measure, operand, **values))
                for measure, operand in pairs
            ]
        self._track_all([definition for _m, _o, definition in defined])
        self._compute()
        self._check(defined, groups_of(scopes))

    SOME = (
        ("count", "field"),
        ("distinct", "field"),
        ("share", "field"),
        ("sum", "field"),
        ("average", "product"),
        ("median", "working"),
    )

    def test_flows_of_one_user_match_plain_python(self):
        self._check_kind(self._scopes_by_user, self._grouped_flow)

    def test_whole_numbers_are_divided_exactly_and_do_not_overflow(self):
        self.deals.create(
            [
                {
                    "x_name": "Whole",
                    "x_date": FIRST,
                    "x_active": True,
                    "x_quantity": quantity,
                    "x_company_id": self.company.id,
                }
                for quantity in (200_000, 100_000)
            ]
        )
        values = {"measure_field": "x_quantity", "domain": "[('x_name', '=', 'Whole')]"}
        mean = self._definition(
            "Mean", measure="weighted_average", weight_field="x_quantity", **values
        )
        square = {"measure": "sum", "operand": "product", "factor_field": "x_quantity"}
        product = self._definition("Product", **square, **values)
        means, products = self._track(mean), self._track(product)
        self._compute()
        start = month_of(FIRST)
        self.assertAlmostEqual(self._values(means)[start], 5e5 / 3, places=6)
        self.assertEqual(self._values(products)[start], 5e10)

    def test_stocks_of_one_user_match_plain_python(self):
        self._check_kind(
            self._scopes_by_user,
            self._grouped_stock,
            kind="stock",
            date_to_field="x_closed_at",
        )

    def test_flows_of_many_users_count_once_per_scope(self):
        self._check_kind(
            self._scopes_by_users,
            self._grouped_flow,
            pairs=self.SOME,
            user_field="x_user_ids",
        )

    def test_stocks_of_many_users_count_once_per_scope(self):
        self._check_kind(
            self._scopes_by_users,
            self._grouped_stock,
            pairs=self.SOME,
            user_field="x_user_ids",
            kind="stock",
            date_to_field="x_closed_at",
        )

    def test_department_and_team_on_the_record_win_over_those_of_the_user(self):
        self._check_kind(
            self._scopes_on_record,
            self._grouped_flow,
            pairs=self.SOME,
            department_field="x_department_id",
            team_field="x_team_id",
        )

    def test_stocks_by_department_and_team_on_the_record(self):
        self._check_kind(
            self._scopes_on_record,
            self._grouped_stock,
            pairs=self.SOME,
            department_field="x_department_id",
            team_field="x_team_id",
            kind="stock",
            date_to_field="x_closed_at",
        )

    def test_snapshots_hold_what_is_there_now_in_the_running_period_only(self):
        pairs = [("count", "field"), ("sum", "field"), ("average", "product")]
        defined = [
            (measure, operand, self._define(measure, operand, kind="snapshot"))
            for measure, operand in pairs
        ]
        for _measure, _operand, definition in defined:
            self._track(definition, self.company, self.root, *self.users)
        self._compute(last=None)
        today = self.calendar._today()
        deals = [deal for deal in self._all_deals() if counts(deal)]
        for measure, operand, definition in defined:
            for report in definition.report_ids:
                own = [
                    deal
                    for deal in filter(self._own, deals)
                    if (report.scope_type, report.scope_id)
                    in set(self._scopes_by_user(deal, today))
                ]
                value = self._expected_value(measure, operand, own)
                self.assertValues(report, {month_of(today): value}, label=measure)

    def test_a_count_is_zero_and_an_average_missing_where_nothing_happened(self):
        nothing = str(list(Domain("x_quantity", ">", 1000)))
        count = self._define("count", variant="none")
        average = self._define("average", variant="none")
        (count | average).domain = nothing
        (report,) = self._track(count)
        (no_average,) = self._track(average)
        self._compute()
        self.assertValues(report, dict.fromkeys(self._months(), 0.0))
        self.assertValues(no_average, {})

    def test_distinct_values_of_a_year_are_not_the_sum_of_its_months(self):
        definition = self._define("distinct", variant="year")
        (report,) = self._track(definition)
        self._compute()
        year = [
            deal["x_partner_id"]
            for deal in self._all_deals()
            if deal["x_partner_id"]
            and counts(deal)
            and self._own(deal)
            and deal["x_at"]
            and local_day(deal["x_at"], TZ).year == 2023
        ]
        self.assertValues(report, {FIRST: float(len(set(year)))}, grain="year")
        self.assertGreater(sum(self._values(report).values()), len(set(year)))
