"""A company in Odoo that works with the opportunities of the files."""

from datetime import date
from functools import cached_property

import pandas as pd
from crm_files import read_accounts, read_agents, read_products
from pandas_kpis import COMPANY, SALES

from odoo.fields import Command

# 5:30 ahead of UTC and no summer time: midnight there is the day before in UTC
TZ = "Asia/Kolkata"
HIRED = date(2016, 1, 1)


class CrmCompany:
    """Creates the company's records and finds them by their names in the files."""

    def __init__(self, env):
        env["kpi.definition"].search([]).active = False
        self.company = env["res.company"].create(
            {"name": COMPANY, "currency_id": env.ref("base.USD").id}
        )
        context = {
            "allowed_company_ids": [self.company.id],
            "tracking_disable": True,
            "no_reset_password": True,
        }
        self.env = env(context={**env.context, **context})

    def _add_product_fields(self):
        """A model of products and a field on leads, as an administrator adds them."""
        models = self.env["ir.model"]
        char = {"name": "x_name", "ttype": "char", "field_description": "Name"}
        price = {
            "name": "x_list_price",
            "ttype": "float",
            "field_description": "List Price",
        }
        models.create(
            {
                "name": "Product",
                "model": "x_crm_product",
                "field_id": [Command.create(char), Command.create(price)],
            }
        )
        self.env["ir.model.fields"].create(
            {
                "model_id": models._get_id("crm.lead"),
                "name": "x_product_id",
                "ttype": "many2one",
                "relation": "x_crm_product",
                "field_description": "Product",
                "on_delete": "set null",
            }
        )

    @cached_property
    def users(self):
        """Agent → user."""
        agents = list(read_agents().agent)
        users = self.env["res.users"].create(
            [
                {
                    "name": agent,
                    "login": agent.lower().replace(" ", "."),
                    "company_id": self.company.id,
                    "company_ids": [Command.set(self.company.ids)],
                    "group_ids": [
                        Command.set(self.env.ref("sales_team.group_sale_salesman").ids)
                    ],
                }
                for agent in agents
            ]
        )
        return dict(zip(agents, users, strict=True))

    @cached_property
    def departments(self):
        """Name → department: one per manager, below that of the region, below Sales."""
        agents = read_agents()
        parents = {SALES: None, **dict.fromkeys(agents.team.unique(), SALES)}
        managers = agents.drop_duplicates("department")
        parents |= dict(zip(managers.department, managers.team, strict=True))
        departments = {}
        for name, parent in parents.items():
            values = {"name": name, "company_id": self.company.id}
            if parent:
                values["parent_id"] = departments[parent].id
            departments[name] = self.env["hr.department"].create(values)
        return departments

    @cached_property
    def employees(self):
        """Agent → employee in the department of the manager."""
        agents = read_agents()
        employees = self.env["hr.employee"].create(
            [
                {
                    "name": row.agent,
                    "user_id": self.users[row.agent].id,
                    "company_id": self.company.id,
                    "department_id": self.departments[row.department].id,
                    "date_version": HIRED,
                }
                for row in agents.itertuples()
            ]
        )
        return dict(zip(agents.agent, employees, strict=True))

    @cached_property
    def sales_teams(self):
        """Region → sales team."""
        names = list(read_agents().team.unique())
        teams = self.env["crm.team"].create(
            [{"name": name, "company_id": self.company.id} for name in names]
        )
        return dict(zip(names, teams, strict=True))

    @cached_property
    def kpi_teams(self):
        """Region → the ``kpi.team`` that stands for its sales team."""
        teams = self.env["crm.team"].union(*self.sales_teams.values())
        linked = self.env["kpi.team"]._find_or_create_linked(teams)
        return {name: linked[team.id] for name, team in self.sales_teams.items()}

    @cached_property
    def products(self):
        """Name → product of the price list; the files know more names than that."""
        self._add_product_fields()
        rows = list(read_products().itertuples())
        products = self.env["x_crm_product"].create(
            [{"x_name": row.product, "x_list_price": row.sales_price} for row in rows]
        )
        return {row.product: p for row, p in zip(rows, products, strict=True)}

    @cached_property
    def accounts(self):
        """Name → customer, its sector spelled as in the file."""
        accounts = read_accounts()
        sectors = list(accounts.sector.unique())
        industries = self.env["res.partner.industry"].create(
            [{"name": sector} for sector in sectors]
        )
        industry_of = dict(zip(sectors, industries.ids, strict=True))
        partners = self.env["res.partner"].create(
            [
                {
                    "name": row.account,
                    "is_company": True,
                    "industry_id": industry_of[row.sector],
                }
                for row in accounts.itertuples()
            ]
        )
        return dict(zip(accounts.account, partners, strict=True))

    @cached_property
    def stages(self):
        """Name → stage; lost opportunities are archived where they were."""
        names = ["Prospecting", "Engaging", "Won"]
        stages = self.env["crm.stage"].create(
            [{"name": name, "is_won": name == "Won"} for name in names]
        )
        found = dict(zip(names, stages, strict=True))
        return {**found, "Lost": found["Engaging"]}

    @cached_property
    def lost_reason(self):
        return self.env["crm.lost.reason"].create({"name": "Not said"})

    def load(self, deals):
        """Create a lead per row of ``deals``.

        :return: Series of lead ids by opportunity id
        """
        leads = self.env["crm.lead"].create(
            [self._lead_values(row) for row in deals.itertuples()]
        )
        return pd.Series(leads.ids, index=deals.index)

    def _lead_values(self, deal):
        values = {
            "name": deal.Index,
            "type": "opportunity",
            "company_id": self.company.id,
            "user_id": self.users[deal.agent].id,
            "team_id": self.sales_teams[deal.team].id,
            "stage_id": self.stages[deal.stage].id,
            "x_product_id": deal.product in self.products
            and self.products[deal.product].id,
            "partner_id": deal.account == deal.account
            and self.accounts[deal.account].id,
            "expected_revenue": 0.0 if pd.isna(deal.value) else deal.value,
            "date_open": local_midnight(deal.opened),
            "date_closed": local_midnight(deal.closed),
        }
        if deal.stage == "Lost":
            values |= {
                "active": False,
                "probability": 0,
                "lost_reason_id": self.lost_reason.id,
            }
        return values


def local_midnight(day):
    """The first moment of a local day as Odoo stores it; False for NaT."""
    if pd.isna(day):
        return False
    moment = pd.Timestamp(day).tz_localize(TZ).tz_convert("UTC")
    return moment.strftime("%Y-%m-%d %H:%M:%S")
