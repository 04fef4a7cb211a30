"""Two companies with their own currency, time zone and monthly exchange rates."""

import math

from odoo import Command

from .facts import load
from .timeline import MONTHS

FACTS = load("companies")
COMPANIES = FACTS["companies"]
# units for one euro at the start of the story and its drift to the end
RATES = FACTS["rates"]
UNPRICED = "VES"  # used on orders, without any rate


def create_companies(story):
    env = story.env
    currencies = _active_currencies(env)
    for key, facts in COMPANIES.items():
        company = story.keep(f"company_{key}", _create_company(env, facts, currencies))
        company.resource_calendar_id.tz = facts["tz"]
        _create_rates(story, company, currencies)
    # Administrators open Odoo in the demo company.
    env.ref("base.user_admin").write(
        {
            "company_ids": [
                Command.link(story["company_de"].id),
                Command.link(story["company_us"].id),
            ],
            "company_id": story["company_de"].id,
        }
    )


def _active_currencies(env):
    codes = ["EUR", *RATES, UNPRICED]
    currencies = env["res.currency"].with_context(active_test=False)
    found = currencies.search([("name", "in", codes)])
    found.active = True
    return {currency.name: currency for currency in found}


def _create_company(env, facts, currencies):
    company = env["res.company"].create(
        {
            "name": facts["name"],
            "currency_id": currencies[facts["currency"]].id,
            "country_id": env.ref(facts["country"]).id,
            "city": facts["city"],
            "zip": facts["zip"],
            "street": facts["street"],
            "email": facts["email"],
        }
    )
    company.partner_id.tz = facts["tz"]
    return company


def _create_rates(story, company, currencies):
    """A rate on the first of every month, from the company's own point of view."""
    values = []
    for offset in range(-MONTHS - 1, 1):
        day = story.timeline.month_start(offset)
        base = _per_euro(story, company.currency_id.name, day)
        for code in ("EUR", *RATES):
            values.append(
                {
                    "name": day,
                    "company_id": company.id,
                    "currency_id": currencies[code].id,
                    "rate": _per_euro(story, code, day) / base,
                }
            )
    story.env["res.currency.rate"].create(values)


def _per_euro(story, code, day):
    """Units of a currency for one euro: a drift with a wave on it."""
    if code == "EUR":
        return 1.0
    first, drift = RATES[code]
    progress = story.timeline.progress(day)
    return first * (1.0 + drift * progress + 0.01 * math.sin(9 * progress))
