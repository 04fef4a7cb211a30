"""Customers and prospects of both companies, products and price lists."""

from dataclasses import dataclass

from odoo import Command

from .companies import UNPRICED
from .facts import load

CUSTOMERS_PER_COMPANY = {"de": 110, "us": 70}
COUNTRIES = {  # country code, currency, share of the customers in percent, cities
    "de": (
        ("de", "EUR", 44, ("Hamburg", "Bremen", "Dresden", "Kassel", "Ulm")),
        ("at", "EUR", 10, ("Linz", "Graz")),
        ("nl", "EUR", 12, ("Utrecht", "Eindhoven")),
        ("ch", "CHF", 12, ("Basel", "Winterthur")),
        ("uk", "GBP", 12, ("Leeds", "Bristol")),
        ("pl", "PLN", 10, ("Poznan", "Gdynia")),
    ),
    "us": (
        ("us", "USD", 74, ("Boston", "Cleveland", "Denver", "Portland", "Tacoma")),
        ("ca", "CAD", 14, ("Halifax", "Hamilton")),
        ("mx", "MXN", 8, ("Puebla", "Monterrey")),
        ("ve", UNPRICED, 4, ("Maracaibo",)),
    ),
}
UNPRICED_FACTOR = 36.0  # what the price list of the currency without a rate asks for
FIRST_WORDS = (
    "Alster", "Apex", "Baltic", "Beacon", "Bergfeld", "Blue Ridge", "Cascade",
    "Delta", "Eder", "Falken", "Granite", "Harbor", "Isar", "Juniper", "Kestrel",
    "Lindau", "Meridian", "North Star", "Oder", "Pioneer", "Quarry", "Rhein",
    "Saale", "Summit", "Tern", "Union", "Vega", "Weser", "Yarrow", "Zenith",
)  # fmt: skip
SECOND_WORDS = (
    "Automation", "Filtration", "Hydraulics", "Logistics", "Machinery", "Marine",
    "Packaging", "Paper", "Power", "Process", "Pumps", "Robotics", "Systems", "Water",
)  # fmt: skip
SUFFIX = {
    "at": "GmbH", "ca": "Ltd.", "ch": "AG", "de": "GmbH", "uk": "Ltd", "mx": "SA de CV",
    "nl": "BV", "pl": "Sp. z o.o.", "us": "Inc.", "ve": "CA",
}  # fmt: skip
FACTS = load("customers")
# key, name, type, price in euro, cost in euro
PRODUCTS = FACTS["products"]


@dataclass(frozen=True)
class Customer:
    """A business partner of one of the companies and how much it buys."""

    partner: object
    company: str
    currency: str
    size: float


def create_customers(story):
    _create_price_lists(story)
    story.records["products"] = _create_products(story)
    story.records["customers"] = {
        key: _create_partners(story, key, count)
        for key, count in CUSTOMERS_PER_COMPANY.items()
    }


def _create_price_lists(story):
    for key, countries in COUNTRIES.items():
        company = story[f"company_{key}"]
        for code in sorted({currency for _country, currency, *_rest in countries}):
            currency = story.env["res.currency"].search([("name", "=", code)])
            price_list = story.env["product.pricelist"].create(
                {
                    "name": f"{company.name} {code}",
                    "company_id": company.id,
                    "currency_id": currency.id,
                }
            )
            if code == UNPRICED:
                price_list.item_ids = [Command.create(_factor_rule())]
            story.keep(f"price_list_{key}_{code.lower()}", price_list)


def _factor_rule():
    discount = (1 - UNPRICED_FACTOR) * 100
    return {
        "applied_on": "3_global",
        "compute_price": "percentage",
        "percent_price": discount,
    }


def _create_products(story):
    templates = story.env["product.template"].create(
        [
            {
                "name": name,
                "type": kind,
                "list_price": price,
                "standard_price": cost,
                "invoice_policy": "order",
                "taxes_id": False,
            }
            for _key, name, kind, price, cost in PRODUCTS
        ]
    )
    for (key, *_facts), template in zip(PRODUCTS, templates, strict=True):
        story.keep(f"product_{key}", template.product_variant_id)
    return templates.product_variant_id


def _create_partners(story, key, count):
    rng = story.rng(f"customers {key}")
    company = story[f"company_{key}"]
    locations = _choose_locations(rng, COUNTRIES[key], count)
    names = _names(rng, [country for country, _currency, _city in locations])
    partners = (
        story.env["res.partner"]
        .with_company(company)
        .create(
            [
                {
                    "name": name,
                    "is_company": True,
                    "company_id": company.id,
                    "country_id": story.env.ref(f"base.{country}").id,
                    "city": city,
                    "specific_property_product_pricelist": _price_list(
                        story, key, code
                    ).id,
                    "email": f"purchasing.{key}{number}@example.com",
                }
                for number, (name, (country, code, city)) in enumerate(
                    zip(names, locations, strict=True)
                )
            ]
        )
    )
    return [
        Customer(partner, key, currency, rng.lognormvariate(0.0, 0.35))
        for partner, (_country, currency, _city) in zip(
            partners, locations, strict=True
        )
    ]


def _price_list(story, company, currency):
    return story[f"price_list_{company}_{currency.lower()}"]


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


def _names(rng, countries):
    pairs = [(first, second) for first in FIRST_WORDS for second in SECOND_WORDS]
    return [
        f"{first} {second} {SUFFIX[country]}"
        for (first, second), country in zip(
            rng.sample(pairs, len(countries)), countries, strict=True
        )
    ]
