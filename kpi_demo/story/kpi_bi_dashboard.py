"""Customers on the company's own books: what they bought before its orders, what the
company has earned with them, and what it knows of its markets."""

import base64
import csv
import io
from datetime import timedelta

from odoo.fields import Command, Date

from .people import COMPANIES, UNPRICED
from .story import MONTHS, SEASON, load

FACTS = load("kpi_bi_dashboard")
BEFORE = 16  # months whose purchases come from the shop of before Odoo
PER_MONTH = {"de": 84, "us": 76}  # purchases of 100 customers, in a month as usual
PURCHASE = 6_000  # median, company currency
FORMER = {"de": 24, "us": 14}  # customers who had left before the orders begin
EARLY = 1.6  # above 1: most customers came at the beginning
MARGIN = (0.33, 0.46)  # share of an amount
PROMPT = 0.85  # share of what customers owe that they pay in the next month
DUE = timedelta(days=30)
INVOICED = -15  # months, as the funnel looks back, whose orders are invoiced alone
PAID_AFTER = timedelta(days=14)  # of what is invoiced by itself
GOODS = (0.97, 1.03)  # cost of what was sold, beside what was planned
WON, OTHERS = 120, 2  # deals whose touches are known, people beside each


def bring_purchases(story):
    """Orders count as purchases; earlier ones are imported as the controller would."""
    story.env["kpi.currency.rate"]._refresh(force=True)
    story.play(FACTS["benchmarks"])
    for key in COMPANIES:
        company = story[f"company_{key}"]
        company.kpi_bi_purchase_source = "orders"
        _import(story, key, "purchase", list(_shop_rows(story, key)))
        _import(story, key, "spend", list(_spend_rows(story, key)))
        _import(story, key, "touch", list(_touch_rows(story, key)))
        story.env["kpi.bi.purchase"]._refresh(company, with_lines=True)


def _import(story, key, target, rows):
    """Import rows, the first of them titles, into a company."""
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    imports = story.as_person(story["user_clara_vogt"], "kpi.import")
    job = imports.with_company(story[f"company_{key}"]).create(
        {
            "target_model": f"kpi.import.{target}",
            "file_name": FACTS["files"][target],
            "file": base64.b64encode(file.getvalue().encode()),
        }
    )
    job.action_read()
    job.action_import()
    if job.state == "queued":  # long files wait for the cron
        job._run()
    story.keep(f"kpi_import_{target}_{key}", job)


def _shop_rows(story, key):
    """Purchases in a shop of before Odoo."""
    rng = story.rng(f"purchases {key}")
    first = -MONTHS - BEFORE
    buyers = [
        (
            customer.partner.ref,
            customer.size,
            first + int(BEFORE * rng.random() ** EARLY),
            -MONTHS,
        )
        for customer in story["customers"][key]
        if not customer.since
    ]
    for number in range(FORMER[key]):
        last = rng.randrange(first + 2, -MONTHS)
        buyers.append((f"{key.upper()}-9{number:02}", 1.0, first, last))
    yield ["Customer", "Day", "Quantity", "Amount", "Margin"]
    for offset in range(first, -MONTHS):
        start = story.timeline.month_start(offset)
        here = [buyer for buyer in buyers if buyer[2] <= offset < buyer[3]]
        count = round(PER_MONTH[key] * SEASON[start.month - 1] * len(here) / 100)
        for reference, size, *_months in rng.choices(
            here, [buyer[1] for buyer in here], k=count
        ):
            day = start + timedelta(days=rng.randrange(28))
            amount = PURCHASE * size * rng.lognormvariate(0, 0.6)
            money = (f"{amount:.2f}", f"{amount * rng.uniform(*MARGIN):.2f}")
            yield [reference, day, rng.randint(1, 6), *money]


def _spend_rows(story, key):
    """Cost of each channel by week, grown; a month more, as budgets need 78 weeks."""
    rng = story.rng(f"spend {key}")
    yield ["Channel", "Week", "Amount", "Visits"]
    week = Date.start_of(story.timeline.month_start(-MONTHS - 1), "week")
    while week < story.timeline.month_start(0):
        level = story.timeline.level(week, 0.4) * (1.0 if key == "de" else 0.7)
        for channel, amount, visits in FACTS["spend"]:
            factor = level * rng.uniform(0.7, 1.3) * 12 / 52  # of a month
            yield [channel, week, f"{amount * factor:.2f}", round(visits * factor)]
        week += timedelta(days=7)


def _touch_rows(story, key):
    """What those met who became customers, and others who did not."""
    rng = story.rng(f"touches {key}")
    channels, weights, closing = zip(*FACTS["touches"], strict=True)
    yield ["Person", "Time", "Channel", "Bought For"]
    deals = [one for one in story["deals"] if one.customer.company == key]
    for deal in deals[-WON:]:
        for person in range(1 + OTHERS):
            met = rng.choices(channels, weights, k=rng.randint(1, 3))
            odds = sum(closing[channels.index(one)] for one in met)
            is_won = person == 0 or rng.random() < odds
            for place, channel in enumerate(reversed(met)):
                moment = deal.won_at - timedelta(days=person + 6 * place + 1)
                paid = f"{deal.revenue:.2f}" if is_won and not place else ""
                yield [f"{deal.lead.id}-{person}", moment, channel, paid]


def keep_books(story):
    """A small ledger: sales, costs and payments of each month, posted at its end."""
    for key in COMPANIES:
        env = story.env["res.company"].with_company(story[f"company_{key}"]).env
        accounts = {
            name: env["account.account"].create(row)
            for name, row in FACTS["accounts"].items()
        }
        sales = {"default_account_id": accounts["sales"].id}
        env["account.journal"].create([{**row, **sales} for row in FACTS["journals"]])
        invoices, entries = zip(*_months(story, env, key, accounts), strict=True)
        moves = env["account.move"].create([*invoices, *entries])
        moves.action_post()
        is_owed = [("account_type", "=", "asset_receivable")]
        owed = [move.line_ids.filtered_domain(is_owed) for move in moves]
        bills, payments = owed[: len(invoices)], owed[len(invoices) :]
        # the first of a month's payments is for the month before
        plan = [
            payment[number - 1] + bills[at - number]
            for at, payment in enumerate(payments)
            for number in range(1, len(payment) + 1)
        ]
        env["account.move.line"]._reconcile_plan(plan)


def _invoice_orders(story, env, accounts):
    """Invoice orders of opportunities with one product, each month's at its end.

    All others are in one invoice a month: each by itself would take minutes.

    :return: first day of a month → amount that was invoiced so
    """
    domain = [
        ("company_id", "=", env.company.id),
        ("state", "=", "sale"),
        ("opportunity_id", "!=", False),
        ("currency_id.name", "!=", UNPRICED),  # they wait for a rate
        ("date_order", ">=", story.timeline.month_start(INVOICED)),
    ]
    orders = env["sale.order"].search(domain, order="date_order, id")
    orders = orders.filtered(lambda order: len(order.order_line) == 1)
    orders = orders.grouped(lambda order: order.date_order.date().replace(day=1))
    amounts = {}
    for month, some in orders.items():
        day = min(Date.end_of(month, "month"), story.timeline.today)
        dates = {"default_invoice_date": day, "default_invoice_date_due": day + DUE}
        bills = some.with_context(**dates)._create_invoices(grouped=True)
        amounts[month] = sum(bills.mapped("amount_untaxed_signed"))
        bills.action_post()
        if day + PAID_AFTER < story.timeline.today:
            _pay(env, accounts, bills, day + PAID_AFTER)
    return amounts


def _pay(env, accounts, bills, day):
    """One entry by which customers pay their bills."""
    lines = [
        {
            "account_id": accounts["customers"].id,
            "partner_id": bill.partner_id.id,
            "currency_id": bill.currency_id.id,
            "amount_currency": -bill.amount_total,
            "balance": -bill.amount_total_signed,
        }
        for bill in bills
    ]
    paid = round(sum(bills.mapped("amount_total_signed")), 2)
    bank = {"account_id": accounts["bank"].id, "balance": paid}
    lines = [Command.create(line) for line in [*lines, bank]]
    entry = env["account.move"].create({"date": day, "line_ids": lines})
    entry.action_post()
    is_owed = [("account_type", "=", "asset_receivable")]
    owed, paid = (one.line_ids.filtered_domain(is_owed) for one in (bills, entry))
    pairs = zip(owed, paid, strict=True)
    env["account.move.line"]._reconcile_plan([bill + line for bill, line in pairs])


def _months(story, env, key, accounts):
    """Invoice and entry of each month; most pay in the next one, the others later."""
    rng = story.rng(f"books {key}")
    own = [("company_id", "=", env.company.id), ("day", ">=", story.timeline.start)]
    by, sums = ["day:month"], ["amount:sum", "margin:sum"]
    spent = dict(env["kpi.bi.spend"]._read_group(own, by, sums[:1]))
    debtors = env["res.partner"].create({"name": FACTS["debtors"]})
    alone, billed = _invoice_orders(story, env, accounts), []
    for month, amount, margin in env["kpi.bi.purchase"]._read_group(own, by, sums):
        end = Date.end_of(month, "month")
        day = min(end, story.timeline.today)
        part = day.day / end.day
        together = amount - alone.get(month, 0)
        paid = [PROMPT * part * bill for bill in billed[-1:]]
        if day == end:
            paid += [bill - round(PROMPT * bill, 2) for bill in billed[-2:-1]]
        rows = [
            *(("customers", -one) for one in paid),
            ("goods", (amount - margin) * rng.uniform(*GOODS)),
            ("marketing", spent.get(month, 0)),
            *((name, part * cost) for name, cost in FACTS["costs"][key].items()),
            ("equity", 0 if billed else -FACTS["capital"]),
        ]
        rows = [(name, round(balance, 2)) for name, balance in rows]
        rows.append(("bank", -sum(balance for _name, balance in rows)))
        invoice = {
            "move_type": "out_invoice",
            "partner_id": debtors.id,
            "invoice_date": day,
            "invoice_date_due": day + DUE,
            "invoice_line_ids": [{"name": f"{month:%B %Y}", "price_unit": together}],
        }
        lines = [
            {"account_id": accounts[name].id, "balance": balance}
            for name, balance in rows
        ]
        entry = {"date": day, "partner_id": debtors.id, "line_ids": lines}
        yield story.resolve(invoice), story.resolve(entry)
        billed.append(together)


def watch_market(story):
    """Markets, who competes there, what the company is good at, and where it may go."""
    story.play(FACTS["market"])


def run_analyses(story):
    """The work of a night."""
    analyses = story.env["kpi.bi.analysis"]
    for key in COMPANIES:
        company = story[f"company_{key}"]
        for name in analyses._list_analyses():
            analyses.with_company(company)._run_analysis(name, company, is_nightly=True)
    revenue = [("definition_id.code", "=", "fin_revenue")]
    reports = story.env["kpi.report"].search(revenue)
    story.env["kpi.predictive.analytics"]._analyse(reports)
    # that of the imports is done
    waiting = [("kind", "=", "bi"), ("state", "=", "queued")]
    story.env["kpi.job"].search(waiting).unlink()


def report_to_the_board(story):
    """The executive dashboard by mail, at the beginning of each month."""
    story.play(FACTS["schedules"])
