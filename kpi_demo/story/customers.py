"""Customers and prospects of both companies, products and price lists."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

from .people import COMPANIES, UNPRICED, find_or_create, members
from .story import DIP, load, load_rows

CUSTOMERS_PER_COMPANY = {"de": 110, "us": 70}
NEW_SHARE = 0.4  # of them were none when the story begins
FIRST_MONTHS = timedelta(days=120)  # of a customer, in which nobody orders again
UNPRICED_FACTOR = 36.0  # what the price list of the currency without a rate asks for
FACTS = load("customers")
TOPICS = FACTS["topics"]


@dataclass(frozen=True)
class Customer:
    """A business partner of one of the companies and how much it buys.

    :param since: share of the story after which it is there; 0 = was there
    """

    partner: object
    company: str
    currency: str
    size: float
    since: float


LEAD_IN = 75  # days before the story whose opportunities may still be open
FASTER = 0.3  # cycles are this much shorter at the end of the story
# name, weight at the start, weight at the end
SOURCES = FACTS["sources"]
# name, weight; supply problems weigh more during the dip
LOST_REASONS = FACTS["lost_reasons"]
SHORTAGE = "Delivery time too long"


@dataclass(frozen=True)
class Deal:
    """A won opportunity, from which an order follows."""

    lead: object
    team: str
    user: object
    customer: object
    won_at: datetime
    revenue: float


def create_customers(story):
    _create_price_lists(story)
    story.records["products"] = _create_products(story)
    story.records["customers"] = {
        key: _create_partners(story, key, count)
        for key, count in CUSTOMERS_PER_COMPANY.items()
    }


def _create_price_lists(story):
    for key, countries in FACTS["countries"].items():
        company = story[f"company_{key}"]
        for code in sorted({currency for _country, currency, *_rest in countries}):
            values = {
                "name": f"{company.name} {code}",
                "company_id": company.id,
                "currency_id": f"@currency_{code}",
            }
            if code == UNPRICED:
                percent = (1 - UNPRICED_FACTOR) * 100
                rule = {"compute_price": "percentage", "percent_price": percent}
                values["item_ids"] = [rule]
            price_list = story.make("product.pricelist", [values])
            story.keep(f"price_list_{key}_{code.lower()}", price_list)


def _create_products(story):
    common = {"invoice_policy": "order", "taxes_id": False}
    rows = [{**common, **row} for row in FACTS["products"].values()]
    templates = story.make("product.template", rows)
    for key, template in zip(FACTS["products"], templates, strict=True):
        story.keep(f"product_{key}", template.product_variant_id)
    return templates.product_variant_id


def _create_partners(story, key, count):
    rng = story.rng(f"customers {key}")
    locations = _choose_locations(rng, FACTS["countries"][key], count)
    words = [*product(FACTS["first_words"], FACTS["second_words"])]
    names = rng.sample(words, count)
    rows = [
        {
            "name": f"{first} {second} {FACTS['suffix'][country]}",
            "ref": f"{key.upper()}-{number:03}",
            "is_company": True,
            "company_id": f"@company_{key}",
            "country_id": f"=base.{country}",
            "city": city,
            "specific_property_product_pricelist": f"@price_list_{key}_{code.lower()}",
            "email": f"purchasing.{key}{number}@example.com",
        }
        for number, ((first, second), (country, code, city)) in enumerate(
            zip(names, locations, strict=True)
        )
    ]
    partners = story.env["res.partner"].with_company(story[f"company_{key}"])
    partners = partners.create([story.resolve(row) for row in rows])
    old = count * (1 - NEW_SHARE)
    return [
        Customer(
            partner,
            key,
            currency,
            rng.lognormvariate(0.0, 0.35),
            max(number - old, 0) / count / NEW_SHARE,
        )
        for number, (partner, (_country, currency, _city)) in enumerate(
            zip(partners, locations, strict=True)
        )
    ]


def choose_customer(story, rng, company, day):
    """One that is there on ``day``; large ones buy more often."""
    customers = story["customers"][company]
    progress = story.timeline.progress(day)
    sizes = [each.size * (each.since <= progress) for each in customers]
    return rng.choices(customers, sizes)[0]


def _choose_locations(rng, countries, count):
    """Country, currency and city of each customer, by the shares of the countries."""
    weights = [share for _country, _currency, share, _cities in countries]
    locations = [
        (country, currency, rng.choice(cities))
        for country, currency, _share, cities in rng.choices(
            countries, weights, k=count
        )
    ]
    # Every country has a customer, however the dice fall.
    for index, (country, currency, _share, cities) in enumerate(countries):
        locations[index] = (country, currency, cities[0])
    return locations


def create_leads(story):
    env = story.env
    story.records["sources"] = find_or_create(
        env["utm.source"], [row[0] for row in SOURCES]
    )
    story.records["reasons"] = find_or_create(
        env["crm.lost.reason"], [name for name, _weight in LOST_REASONS]
    )
    stages = env["crm.stage"].search([("team_ids", "=", False)])
    story.records["won_stage"] = stages.filtered("is_won")[:1]
    story.records["open_stages"] = stages.filtered(lambda stage: not stage.is_won)
    values, wins = [], []
    for market in load_rows(FACTS["markets"]):
        rng = story.rng(f"leads {market.team}")
        days = story.timeline.events(rng, market.per_day, market.growth, LEAD_IN)
        for day in days:
            lead_values, win = _opportunity(story, rng, market, day)
            closed_at = lead_values.get("date_closed")
            if not closed_at or closed_at.date() >= story.timeline.start:
                values.append(lead_values)
                wins.append(win)
    leads = story.env["crm.lead"].create(values)
    _tell_ways(story, leads)
    story.records["deals"] = [
        Deal(lead, *win) for lead, win in zip(leads, wins, strict=True) if win
    ]


def _tell_ways(story, leads):
    """Events of the leads: each went from stage to stage until it stood as it does."""
    stages = [*story["open_stages"], story["won_stage"]]
    events = []
    for lead in leads:
        is_closed = lead.won_status in ("won", "lost")
        now = {
            "lead_key": lead.id,
            "company_id": lead.company_id.id,
            "state": lead.won_status if is_closed else "open",
            "stage_key": lead.stage_id.id,
            "amount": lead.expected_revenue,
            "probability": lead.probability,
            "date_deadline": lead.date_deadline or None,
            "closed_at": lead.date_closed if is_closed else None,
            "user_key": lead.user_id.id or None,
        }
        began = lead.create_date
        way = stages[: stages.index(lead.stage_id) + (lead.won_status == "lost")]
        lasted = lead.date_last_stage_update - began
        for place, stage in enumerate(way):
            moment = (began + lasted * place / len(way)).replace(microsecond=0)
            then = {"state": "open", "stage_key": stage.id, "closed_at": None}
            events.append({**now, **then, "moment": moment})
        events.append({**now, "moment": lead.date_last_stage_update if way else began})
    story.env["kpi.bi.opportunity.event"]._insert(events)


def _opportunity(story, rng, market, day):
    """Values of a lead, and what follows if it is won."""
    team, company = market.team, market.team[:2]
    created_at = story.timeline.moment(rng, day, COMPANIES[company]["tz"])
    person = rng.choice(members(story, team, day))
    customer = choose_customer(story, rng, company, day)
    revenue = round(market.revenue * customer.size * rng.lognormvariate(0, 0.45), -1)
    won, closed_at = _ending(story, rng, market, created_at, person.role.skill, company)
    values = {
        "name": f"{rng.choice(TOPICS)} {customer.partner.name}",
        "type": "opportunity",
        "partner_id": customer.partner.id,
        "company_id": story[f"company_{company}"].id,
        "team_id": story[f"team_{team}"].id,
        "user_id": person.user.id,
        "expected_revenue": revenue,
        "source_id": _source(story, rng, day).id,
        "create_date": created_at,
        "date_open": created_at + timedelta(minutes=rng.randrange(20, 2000)),
        "priority": rng.choices("0123", (50, 28, 15, 7))[0],
        **_standing(story, rng, created_at, won, closed_at),
    }
    if not (won and closed_at):
        return values, None
    return values, (team, person.user, customer, closed_at, revenue)


def _ending(story, rng, market, created_at, skill, company):
    """Whether an opportunity is won, and when it was closed, None: it is still open."""
    progress = story.timeline.progress(created_at.date())
    won = rng.random() < market.win_rate * skill * (0.92 + 0.2 * progress)
    if not won and rng.random() < 0.03:  # forgotten and never closed
        return won, None
    days = market.cycle_days * (1.0 - FASTER * progress) * rng.lognormvariate(0, 0.5)
    if not won:
        days *= 1.25
    tz = COMPANIES[company]["tz"]
    return won, story.timeline.days_later(rng, created_at, days, tz)


def _standing(story, rng, created_at, won, closed_at):
    """Stage, probability and dates that follow from how an opportunity stands."""
    if not closed_at:
        stages = story["open_stages"]
        age = (story.timeline.now - created_at).days
        step = min(len(stages) - 1, int(age / 14 + rng.random()))
        moved_at = created_at + timedelta(days=age * rng.uniform(0.1, 0.9))
        return {
            "stage_id": stages[step].id,
            "probability": (step + 1) / (len(stages) + 1) * 100 * rng.uniform(0.7, 1.1),
            "date_last_stage_update": moved_at.replace(microsecond=0),
            "date_deadline": story.timeline.today
            + timedelta(days=rng.randrange(-12, 75)),
        }
    closed = {
        "date_closed": closed_at,
        "date_last_stage_update": closed_at,
        "date_deadline": closed_at.date() + timedelta(days=rng.randrange(-15, 6)),
    }
    if won:
        return {**closed, "stage_id": story["won_stage"].id, "probability": 100}
    in_dip = DIP[0] <= story.timeline.progress(closed_at.date()) < DIP[1]
    weights = [
        weight * (4 if in_dip and name == SHORTAGE else 1)
        for name, weight in LOST_REASONS
    ]
    return {
        **closed,
        "active": False,
        "probability": 0,
        "stage_id": rng.choice(story["open_stages"]).id,
        "lost_reason_id": story["reasons"][rng.choices(LOST_REASONS, weights)[0][0]].id,
    }


def _source(story, rng, day):
    progress = story.timeline.progress(day)
    weights = [first + (last - first) * progress for _name, first, last in SOURCES]
    return story["sources"][rng.choices(SOURCES, weights)[0][0]]
