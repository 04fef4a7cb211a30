"""Fills a database with a company's records: the same ones for the same arguments.

250 users with employees in 40 departments of three levels (some move in between), 20
sales teams, 2,000 customers in 30 countries, six currencies with a rate a day, leads
and sale orders over the 20 months before this one. People and structure go through the
ORM, the many records through one INSERT each.
"""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import cycle
from typing import Any

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

USERS, TEAMS, MONTHS = 250, 20, 20
PARTNERS, COUNTRIES, TAGS = 2_000, 30, 10
TOP_DEPARTMENTS, BELOW_TOP, BELOW_THAT = 4, 3, 2  # 4 + 12 + 24 = 40
MOVERS = 25  # employees who change departments in the middle
CURRENCIES = {"EUR": 0.92, "GBP": 0.79, "JPY": 148.0, "CHF": 0.88, "CAD": 1.36}
SILENT = {
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "no_reset_password": True,
    "tracking_disable": True,
}


def fill(env: Any, count: int, now: datetime) -> None:
    """Makes everything, in a database with crm, hr and sale_management."""
    stop = now.date().replace(day=1)
    start = stop - relativedelta(months=MONTHS)
    env = env(context={**env.context, **SILENT})
    users = _create_users(env)
    _create_employees(env, users, start + relativedelta(months=MONTHS // 2))
    _create_teams(env, users)
    _create_partners(env)
    env["crm.tag"].create([{"name": f"Tag {i}"} for i in range(TAGS)])
    _create_rates(env, start, stop)
    env.flush_all()
    _insert_leads(env, count, start, stop)
    _insert_orders(env, count, start, stop)
    env.invalidate_all()


def _create_users(env):
    group = env.ref("sales_team.group_sale_salesman")
    return env["res.users"].create(
        [
            {
                "name": f"User {i}",
                "login": f"bench_user_{i}",
                "group_ids": [(4, group.id)],
            }
            for i in range(USERS)
        ]
    )


def _create_employees(env, users, move_date):
    leaves = _create_departments(env)
    employees = env["hr.employee"].create(
        [
            {"name": user.name, "user_id": user.id, "department_id": department.id}
            for user, department in zip(users, cycle(leaves), strict=False)
        ]
    )
    for i, employee in enumerate(employees[:MOVERS]):
        employee.create_version(
            {"date_version": move_date, "department_id": leaves[-1 - i % 20].id}
        )


def _create_departments(env):
    """The departments without others below them."""
    level = env["hr.department"].create(
        [{"name": f"Division {i}"} for i in range(TOP_DEPARTMENTS)]
    )
    for title, children in (("Department", BELOW_TOP), ("Unit", BELOW_THAT)):
        level = level.create(
            [
                {"name": f"{title} {parent.name} {i}", "parent_id": parent.id}
                for parent in level
                for i in range(children)
            ]
        )
    return level


def _create_teams(env, users):
    teams = env["crm.team"].create([{"name": f"Team {i}"} for i in range(TEAMS)])
    env["crm.team.member"].create(
        [
            {"crm_team_id": team.id, "user_id": user.id}
            for user, team in zip(users, cycle(teams), strict=False)
        ]
    )


def _create_partners(env):
    countries = env["res.country"].search([], limit=COUNTRIES, order="code")
    env["res.partner"].create(
        [
            # every seventh lives nowhere that is known
            {"name": f"Customer {i}", "country_id": country.id if i % 7 else False}
            for i, country in zip(range(PARTNERS), cycle(countries), strict=False)
        ]
    )


def _create_rates(env, start, stop):
    """A rate a day that wanders by a tenth around its mean."""
    currencies = env["res.currency"].with_context(active_test=False)
    currencies = currencies.search([("name", "in", list(CURRENCIES))])
    currencies.active = True
    env.flush_all()
    env.cr.execute(
        SQL(
            """
            INSERT INTO res_currency_rate (currency_id, company_id, name, rate)
            SELECT currency.id, %(company_id)s, day::date,
                   mean.rate * (1 + 0.1 * sin(extract(doy FROM day) / 20 + currency.id))
              FROM unnest(%(names)s, %(rates)s) AS mean(name, rate)
              JOIN res_currency AS currency ON currency.name = mean.name
        CROSS JOIN generate_series(%(start)s::date, %(stop)s::date, '1 day') AS day
            """,
            company_id=env.company.id,
            names=list(CURRENCIES),
            rates=list(CURRENCIES.values()),
            start=start,
            stop=stop,
        )
    )


def drop_foreign_keys(env: Any, tables: Iterable[str]) -> list[str]:
    """Statements that bring them back: checked at once they cost seconds, not
    minutes."""
    rows = env.execute_query(
        SQL(
            """
            SELECT format('ALTER TABLE %%I DROP CONSTRAINT %%I',
                          relname, conname),
                   format('ALTER TABLE %%I ADD CONSTRAINT %%I %%s',
                          relname, conname, pg_get_constraintdef(pg_constraint.oid))
              FROM pg_constraint
              JOIN pg_class ON pg_class.oid = conrelid
             WHERE contype = 'f' AND relname = ANY(%s)
            """,
            list(tables),
        )
    )
    for drop, _add in rows:
        env.cr.execute(drop)
    return [add for _drop, add in rows]


def _draw(seed: int, count: int) -> SQL:
    """A whole number from 0 to ``count - 1``, always the same for row ``i``."""
    return SQL(
        "((hashint8extended(i, %(seed)s) & 2147483647) %% %(count)s)::int",
        seed=seed,
        count=count,
    )


def _one_of(seed: int, ids: list) -> SQL:
    return SQL("(%s::int[])[1 + %s]", ids, _draw(seed, len(ids)))


def _moment(start: date, stop: date) -> SQL:
    seconds = (stop - start).days * 86_400
    return SQL("%s::timestamp + %s * interval '1 second'", start, _draw(1, seconds))


def _people(env) -> dict[str, SQL]:
    """Who a row belongs to: of 30 rows one to nobody."""
    members = env["crm.team.member"].search([("user_id.login", "like", "bench_user")])
    partners = env["res.partner"].search([("name", "=like", "Customer %")])
    return {
        "member": _draw(2, len(members)),
        "users": SQL("%s::int[]", [member.user_id.id for member in members]),
        "teams": SQL("%s::int[]", [member.crm_team_id.id for member in members]),
        "is_owned": SQL("%s > 0", _draw(3, 30)),
        "partner_id": _one_of(4, partners.ids),
        "company_id": SQL("%s", env.company.id),
        "source_id": _one_of(5, env["utm.source"].search([]).ids),
        "medium_id": _one_of(6, env["utm.medium"].search([]).ids),
        # from 100 to 100,000, most of them small
        "amount": SQL(
            "round(100 * 1000 ^ (%s / 1e6::float8))::numeric", _draw(7, 10**6)
        ),
    }


def _insert_leads(env, count, start, stop):
    """A quarter won, a quarter lost (archived), the rest open in one of the stages."""
    stages = env["crm.stage"].search([("is_won", "=", False)])
    env.cr.execute(
        SQL(
            """
            INSERT INTO crm_lead (
                   name, type, active, company_id, user_id, team_id, partner_id,
                   country_id, source_id, medium_id, stage_id, lost_reason_id,
                   won_status, priority, expected_revenue, probability,
                   prorated_revenue, create_date, write_date, date_open,
                   date_closed, date_last_stage_update, day_open, day_close)
            SELECT 'Lead ' || i,
                   CASE WHEN %(is_lead)s THEN 'lead' ELSE 'opportunity' END,
                   fate <> 1,
                   %(company_id)s,
                   CASE WHEN %(is_owned)s THEN (%(users)s)[1 + %(member)s] END,
                   CASE WHEN %(is_owned)s THEN (%(teams)s)[1 + %(member)s] END,
                   partner.id,
                   partner.country_id,
                   %(source_id)s,
                   %(medium_id)s,
                   CASE WHEN fate = 0 THEN %(won_id)s ELSE %(stage_id)s END,
                   CASE WHEN fate = 1 THEN %(lost_reason_id)s END,
                   CASE fate WHEN 0 THEN 'won' WHEN 1 THEN 'lost' ELSE 'pending' END,
                   %(priority)s::text,
                   %(amount)s,
                   probability,
                   round(%(amount)s * probability / 100, 2),
                   moment,
                   moment,
                   moment + days_open * interval '1 day',
                   CASE WHEN fate < 2 THEN moment + days_closed * interval '1 day' END,
                   moment,
                   days_open,
                   CASE WHEN fate < 2 THEN days_closed END
              FROM (
                SELECT i,
                       %(moment)s AS moment,
                       %(fate)s AS fate,
                       %(days_open)s AS days_open,
                       %(days_open)s + %(days_closed)s AS days_closed,
                       CASE %(fate)s WHEN 0 THEN 100 WHEN 1 THEN 0
                            ELSE %(probability)s END AS probability,
                       %(partner_id)s AS partner_id
                  FROM generate_series(1, %(count)s) AS i
              ) AS lead
              JOIN res_partner AS partner ON partner.id = lead.partner_id
            """,
            **_people(env),
            count=count,
            moment=_moment(start, stop),
            fate=_draw(8, 4),
            is_lead=SQL("%s = 0", _draw(9, 5)),
            won_id=env["crm.stage"].search([("is_won", "=", True)], limit=1).id,
            stage_id=_one_of(10, stages.ids),
            lost_reason_id=_one_of(11, env["crm.lost.reason"].search([]).ids),
            priority=_draw(12, 4),
            probability=_draw(13, 100),
            days_open=_draw(14, 10),
            days_closed=_draw(15, 60),
        )
    )
    env.cr.execute(
        SQL(
            """
            INSERT INTO crm_tag_rel (lead_id, tag_id)
            SELECT i, %(tag_id)s
              FROM (SELECT id AS i FROM crm_lead) AS lead
             WHERE %(is_tagged)s
            """,
            tag_id=_one_of(16, env["crm.tag"].search([]).ids),
            is_tagged=SQL("%s = 0", _draw(17, 2)),
        )
    )


def _insert_orders(env, count, start, stop):
    """Two thirds confirmed; in dollars or in one of the other currencies."""
    currencies = env["res.currency"].search([("name", "in", list(CURRENCIES))])
    dollars = [env.company.currency_id.id] * len(currencies)
    env.cr.execute(
        SQL(
            """
            INSERT INTO sale_order (
                   name, state, locked, company_id, user_id, team_id, partner_id,
                   partner_invoice_id, partner_shipping_id, source_id, medium_id,
                   opportunity_id, currency_id, currency_rate, amount_untaxed,
                   amount_tax, amount_total, invoice_status, date_order,
                   commitment_date, create_date, write_date)
            SELECT 'Order ' || i,
                   (%(states)s::text[])[1 + %(state)s],
                   false,
                   %(company_id)s,
                   CASE WHEN %(is_owned)s THEN (%(users)s)[1 + %(member)s] END,
                   CASE WHEN %(is_owned)s THEN (%(teams)s)[1 + %(member)s] END,
                   %(partner_id)s,
                   %(partner_id)s,
                   %(partner_id)s,
                   %(source_id)s,
                   %(medium_id)s,
                   CASE WHEN %(has_lead)s THEN %(lead_id)s END,
                   drawn.currency_id,
                   COALESCE(rate.rate, 1),
                   round(%(amount)s * COALESCE(rate.rate, 1), 2),
                   round(%(amount)s * COALESCE(rate.rate, 1) * 0.2, 2),
                   round(%(amount)s * COALESCE(rate.rate, 1), 2)
                   + round(%(amount)s * COALESCE(rate.rate, 1) * 0.2, 2),
                   (%(invoice_states)s::text[])[1 + %(invoice_state)s],
                   moment,
                   moment + %(delivery_days)s * interval '1 day',
                   moment,
                   moment
              FROM (
                SELECT i, %(moment)s AS moment, %(currency_id)s AS currency_id
                  FROM generate_series(1, %(count)s) AS i
              ) AS drawn
         LEFT JOIN res_currency_rate AS rate
                ON rate.currency_id = drawn.currency_id
               AND rate.company_id = %(company_id)s
               AND rate.name = drawn.moment::date
            """,
            **_people(env),
            count=count,
            moment=_moment(start, stop),
            currency_id=_one_of(20, dollars + currencies.ids),
            states=["sale", "sale", "sale", "sale", "draft", "cancel"],
            state=_draw(21, 6),
            invoice_states=["no", "to invoice", "invoiced"],
            invoice_state=_draw(22, 3),
            has_lead=SQL("%s = 0", _draw(23, 3)),
            lead_id=_one_of_leads(env),
            delivery_days=_draw(25, 45),
        )
    )


def _one_of_leads(env) -> SQL:
    [(first, last)] = env.execute_query(SQL("SELECT min(id), max(id) FROM crm_lead"))
    return SQL("%s + %s", first, _draw(24, last - first + 1))
