"""People of two companies, some of whom see the executive dashboard."""

from odoo.tests import TransactionCase

from odoo.addons.kpi_base.models.record.base import insert_sql
from odoo.addons.kpi_base.tests.security.access_case import AccessMixin

GROUP = "kpi_bi_dashboard.kpi_bi_dashboard_group"
# Paula reads, the officers of a company or two analyse; Lea sees margins of nothing
ROLES = {
    "parent": ["user"],
    "leader": ["margin"],
    "officer_a": ["analyst"],
    "officer_ab": ["analyst", "margin"],
    "admin": ["admin", "margin"],
}


class BiAccessCase(AccessMixin, TransactionCase):
    """A purchase, its customer, a result and a benchmark of each company."""

    import_values = {"target_model": "kpi.import.purchase"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()

    @classmethod
    # pylint: disable-next=missing-return  # what it extends returns nothing
    def _find_people(cls):
        super()._find_people()
        for name, roles in ROLES.items():
            groups = [cls.env.ref(f"{GROUP}_{role}").id for role in roles]
            cls.users[name].group_ids = [(4, group) for group in groups]

    @classmethod
    def _make_records(cls):
        companies = {**cls.company, "common": cls.env["res.company"]}
        customers = {
            key: cls._inserted(
                "kpi.bi.customer", company_id=company.id, reference="Access"
            )
            for key, company in cls.company.items()
        }
        markets = {
            key: cls._named(
                "kpi.bi.market", company_id=company.id, source="Access", year=2001
            )
            for key, company in cls.company.items()
        }
        sold = {"day": "2001-01-01", "category_key": 0, "amount": 5, "quantity": 1}
        return {
            **super()._make_records(),
            "kpi.bi.customer": customers,
            "kpi.bi.purchase": {
                key: cls._inserted(
                    "kpi.bi.purchase",
                    company_id=one.company_id.id,
                    customer_id=one.id,
                    **sold,
                )
                for key, one in customers.items()
            },
            "kpi.bi.purchase.line": {
                key: cls._inserted(
                    "kpi.bi.purchase.line",
                    company_id=one.company_id.id,
                    customer_id=one.id,
                    file_name="access.csv",
                    number=2,
                    **sold,
                )
                for key, one in customers.items()
            },
            "kpi.bi.result": {
                key: cls._inserted(
                    "kpi.bi.result",
                    company_id=company.id,
                    analysis="access",
                    cutoff_date="2001-01-01",
                    version=1,
                    data_hash="0",
                    computed_at="2001-01-01",
                    figures="{}",
                )
                for key, company in cls.company.items()
            },
            "kpi.bi.market": markets,
            "kpi.bi.competitor": {
                key: cls._named("kpi.bi.competitor", market_id=one.id, source="Access")
                for key, one in markets.items()
            },
            "kpi.bi.opportunity": {
                key: cls._named("kpi.bi.opportunity", market_id=one.id)
                for key, one in markets.items()
            },
            "kpi.bi.swot": {
                key: cls._named("kpi.bi.swot", company_id=one.company_id.id)
                for key, one in markets.items()
            },
            "kpi.bi.spend": {
                key: cls.env["kpi.bi.spend"].create(
                    {"company_id": company.id, "channel": "Ads", "day": "2001-01-01"}
                )
                for key, company in cls.company.items()
            },
            "kpi.bi.touch": {
                key: cls._inserted(
                    "kpi.bi.touch",
                    company_id=company.id,
                    person="0",
                    channel="Ads",
                    moment="2001-01-01",
                )
                for key, company in cls.company.items()
            },
            "kpi.bi.opportunity.event": {
                key: cls._inserted(
                    "kpi.bi.opportunity.event",
                    company_id=company.id or None,
                    lead_key=0,
                    moment="2001-01-01",
                    state="open",
                )
                for key, company in companies.items()
            },
            "kpi.bi.benchmark": {
                key: cls.env["kpi.bi.benchmark"].create(
                    {
                        "company_id": company.id,
                        "measure": "win_rate",
                        "date_from": "2001-01-01",
                        "middle": 20,
                    }
                )
                for key, company in companies.items()
            },
        }

    @classmethod
    def _inserted(cls, model, **values):
        """A row that only the engine writes."""
        records = cls.env[model]
        statement = insert_sql(records, {name: [one] for name, one in values.items()})
        cls.env.cr.execute(statement)
        return records.search([], order="id desc", limit=1)
