"""The public CRM opportunities as they are in the files, dirt included."""

import json
import os
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("KPI_DATA") or ROOT.parent / "shared" / "data") / "crm"


def read_agents() -> pd.DataFrame:
    """Every sales agent with department (of the manager) and team (the region)."""
    agents = pd.read_csv(DATA / "sales_teams.csv")
    agents.columns = ["agent", "department", "team"]
    return agents


def read_products() -> pd.DataFrame:
    return pd.read_csv(DATA / "products.csv")


def read_accounts() -> pd.DataFrame:
    return pd.read_csv(DATA / "accounts.csv")


def read_reference() -> dict:
    """Totals that are published with the files."""
    return json.loads((DATA / "reference_aggregates.json").read_text())


def read_deals() -> pd.DataFrame:
    """A row per opportunity, by its id.

    Columns: agent, team, product, account, stage, opened, closed (local days, NaT =
    not yet), value, list_price (NaN where products.csv does not have the product by
    that name), sector (NaN without account).
    """
    deals = pd.read_csv(
        DATA / "sales_pipeline.csv",
        parse_dates=["engage_date", "close_date"],
        index_col="opportunity_id",
    )
    deals = deals.rename(
        columns={
            "sales_agent": "agent",
            "deal_stage": "stage",
            "engage_date": "opened",
            "close_date": "closed",
            "close_value": "value",
        }
    )
    prices = read_products().set_index("product").sales_price
    sectors = read_accounts().set_index("account").sector
    teams = read_agents().set_index("agent").team
    return deals.assign(
        team=deals.agent.map(teams),
        list_price=deals["product"].map(prices),
        sector=deals.account.map(sectors),
    )
