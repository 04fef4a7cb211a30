"""Fills a database with a company's records: the same ones for the same arguments.

250 users with employees in 40 departments of three levels (some move in between), 20
sales teams, 2,000 customers in 30 countries, six currencies with a rate a day, leads
and sale orders over the 20 months before this one.
"""

from datetime import date
from itertools import cycle
from typing import Any

from dateutil.relativedelta import relativedelta

from _rows import SILENT, insert

USERS, TEAMS, MONTHS = 250, 20, 20
PARTNERS, COUNTRIES = 2_000, 30
DEPARTMENTS = {"Division": 4, "Department": 3, "Unit": 2}  # below each of the level
MOVERS = 25  # employees who change departments in the middle
CURRENCIES = {"EUR": 0.92, "GBP": 0.79, "JPY": 148.0, "CHF": 0.88, "CAD": 1.36}


def fill(env: Any, count: int) -> None:
    """Makes everything, in a database with crm, hr and sale_management."""
    stop = date.today().replace(day=1)
    start = stop - relativedelta(months=MONTHS)
    env = env(context={**env.context, **SILENT})
    users, teams = _make_people(env, start + relativedelta(months=MONTHS // 2))
    countries = env["res.country"].search([], limit=COUNTRIES, order="code")
    partners = env["res.partner"].create(
        [
            # every seventh lives nowhere that is known
            {"name": f"Customer {i}", "country_id": country.id if i % 7 else False}
            for i, country in zip(range(PARTNERS), cycle(countries), strict=False)
        ]
    )
    currencies = env["res.currency"].with_context(active_test=False)
    currencies = currencies.search([("name", "in", list(CURRENCIES))])
    currencies.active = True
    dollars = [env.company.currency_id.id] * len(currencies)
    won = env["crm.stage"].search([("is_won", "=", True)], limit=1)
    env.flush_all()
    values = {
        "company": env.company.id,
        "count": count,
        "currencies": dollars + currencies.ids,
        "mediums": env["utm.medium"].search([]).ids,
        "names": list(CURRENCIES),
        "open": (env["crm.stage"].search([]) - won).ids,
        "partners": partners.ids,
        "rates": list(CURRENCIES.values()),
        "start": start,
        "states": ["sale", "sale", "sale", "sale", "draft", "cancel"],
        "stop": stop,
        "teams": teams,
        "users": users,
        "won": won.id,
    }
    insert(env, "res_currency_rate", _RATES, **values)
    insert(env, "crm_lead", _LEADS, **values)
    insert(env, "sale_order", _ORDERS, **values)
    env.invalidate_all()


def _make_people(env: Any, moved_on: date) -> tuple[list[int], list[int]]:
    """Ids of users and, of each, that of the team."""
    role = env.ref("sales_team.group_sale_salesman").id
    users = env["res.users"].create(
        [
            {"name": f"User {i}", "login": f"bench_user_{i}", "group_ids": [(4, role)]}
            for i in range(USERS)
        ]
    )
    leaves = [env["hr.department"]]
    for title, children in DEPARTMENTS.items():
        leaves = leaves[0].create(
            [
                {"name": f"{title} {parent.name or ''} {i}", "parent_id": parent.id}
                for parent in leaves
                for i in range(children)
            ]
        )
    employees = env["hr.employee"].create(
        [
            {"name": user.name, "user_id": user.id, "department_id": department.id}
            for user, department in zip(users, cycle(leaves), strict=False)
        ]
    )
    for i, employee in enumerate(employees[:MOVERS]):
        employee.create_version(
            {"date_version": moved_on, "department_id": leaves[-1 - i % 20].id}
        )
    teams = env["crm.team"].create([{"name": f"Team {i}"} for i in range(TEAMS)])
    members = env["crm.team.member"].create(
        [
            {"crm_team_id": team.id, "user_id": user.id}
            for user, team in zip(users, cycle(teams), strict=False)
        ]
    )
    return users.ids, [member.crm_team_id.id for member in members]


def _draw(seed: int, count: str) -> str:
    """A whole number from 0 to ``count - 1``, always the same for row ``i``."""
    return f"((hashint8extended(i, {seed}) & 2147483647) %% {count})::int"


def _one_of(seed: int, name: str, kind: str = "int") -> str:
    values = f"%({name})s::{kind}[]"
    return f"({values})[1 + {_draw(seed, f'cardinality({values})')}]"


# A rate a day that wanders by a tenth around its mean.
_RATES = """
    SELECT currency.id AS currency_id, %(company)s AS company_id, day::date AS name,
           mean.rate * (1 + 0.1 * sin(extract(doy FROM day) / 20 + currency.id)) AS rate
      FROM unnest(%(names)s, %(rates)s) AS mean(name, rate)
      JOIN res_currency AS currency ON currency.name = mean.name
CROSS JOIN generate_series(%(start)s::date, %(stop)s::date, '1 day') AS day
"""
# Of 30 rows one belongs to nobody; amounts from 100 to 100,000, most of them small.
_DRAWN = f"""
    SELECT i, %(start)s::timestamp
               + {_draw(1, "((%(stop)s::date - %(start)s::date) * 86400)")}
               * interval '1 second' AS moment,
           CASE WHEN {_draw(3, "30")} > 0 THEN {_one_of(2, "users")} END AS user_id,
           CASE WHEN {_draw(3, "30")} > 0 THEN {_one_of(2, "teams")} END AS team_id,
           {_one_of(4, "partners")} AS partner_id,
           {_one_of(6, "mediums")} AS medium_id,
           {_one_of(20, "currencies")} AS currency_id,
           round(100 * 1000 ^ ({_draw(7, "1000000")} / 1e6::float8))::numeric AS amount
      FROM generate_series(1, %(count)s) AS i
"""
# A quarter won, a quarter lost (archived), the rest open in one of the stages.
_LEADS = f"""
    SELECT 'Lead ' || i AS name, 'opportunity' AS type, {_draw(8, "4")} <> 1 AS active,
           %(company)s AS company_id, user_id, team_id, partner_id, medium_id,
           CASE WHEN {_draw(8, "4")} = 0 THEN %(won)s ELSE {_one_of(10, "open")}
           END AS stage_id, {_draw(12, "4")}::text AS priority,
           amount AS expected_revenue, moment AS create_date, moment AS write_date,
           moment AS date_open, moment AS date_last_stage_update
      FROM ({_DRAWN}) AS drawn
"""
# Two thirds confirmed; in dollars or in one of the other currencies.
_ORDERS = f"""
    SELECT 'Order ' || i AS name, {_one_of(21, "states", "text")} AS state,
           FALSE AS locked, %(company)s AS company_id, user_id, team_id, partner_id,
           partner_id AS partner_invoice_id, partner_id AS partner_shipping_id,
           medium_id, drawn.currency_id, COALESCE(rate, 1) AS currency_rate,
           round(amount * COALESCE(rate, 1), 2) AS amount_total, moment AS date_order,
           moment AS create_date, moment AS write_date
      FROM ({_DRAWN}) AS drawn
 LEFT JOIN res_currency_rate AS rate
        ON rate.currency_id = drawn.currency_id
       AND rate.company_id = %(company)s
       AND rate.name = drawn.moment::date
"""
