"""The KPIs of ``kpi_table`` computed by pandas from the files, without the engine.

A quarter is computed from its own deals, never from its months.
"""

import pandas as pd
from crm_files import read_agents

COMPANY, SALES = "Maven", "Sales"
FREQUENCIES = {"month": "M", "quarter": "Q", "year": "Y"}
KEYS = ["scope_type", "scope", "period"]
# A count or sum of nothing is 0 from the first deal closed, or opened, on; everything
# else has no value then.
COUNTED = {
    "closed": [
        "won_value",
        "won_technology",
        "won_count",
        "lost_count",
        "closed_count",
    ],
    "opened": [
        "pipeline_count",
        "pipeline_value",
        "pipeline_no_account",
        "pipeline_unknown_product",
    ],
}


def pandas_values(deals, grain, first, last, moves=()):
    """What every KPI should be at every scope in every period.

    :param deals: as ``read_deals`` gives them
    :param first, last: days of the first and last period
    :param moves: (agent, first day in the new department, its name) of transfers
    :return: Series by code, scope type, scope and first day of the period; values
        that should be missing are not in it
    """
    periods = pd.period_range(first, last, freq=FREQUENCIES[grain])
    index = pd.MultiIndex.from_tuples(
        [(*scope, period) for scope in _scopes() for period in periods], names=KEYS
    )
    table = pd.concat(
        [_closed(deals, periods, moves), _still_open(deals, periods, moves)], axis=1
    ).reindex(index)
    ends = index.get_level_values("period").end_time
    for date, codes in COUNTED.items():
        has_begun = ends >= deals[date].min()
        table.loc[has_begun, codes] = table.loc[has_begun, codes].fillna(0.0)
    table = _with_formulas(table)
    values = table.rename_axis(columns="code").stack().dropna()
    values = values[_is_tracked(values.index)]
    return _by_start(values)


def _scopes():
    agents = read_agents()
    departments = [*agents.department.unique(), *agents.team.unique(), SALES]
    return [
        *(("user", agent) for agent in agents.agent),
        *(("team", team) for team in agents.team.unique()),
        *(("department", name) for name in departments),
        ("company", COMPANY),
    ]


def _scoped(rows, moves):
    """``rows`` once per scope they count for; departments as they were on ``day``."""
    agents = read_agents()
    department = rows.agent.map(agents.set_index("agent").department)
    for agent, since, name in moves:
        department = department.mask((rows.agent == agent) & (rows.day >= since), name)
    region_of = agents.drop_duplicates("department").set_index("department").team
    columns = [
        ("user", rows.agent),
        ("team", rows.team),
        ("department", department),
        ("department", department.map(region_of)),
        ("department", SALES),
        ("company", COMPANY),
    ]
    return pd.concat(
        [rows.assign(scope_type=kind, scope=scope) for kind, scope in columns],
        ignore_index=True,
    )


def _closed(deals, periods, moves):
    """KPIs of the deals won or lost in a period."""
    closed = deals[deals.closed.notna()].assign(day=deals.closed)
    closed["period"] = closed.day.dt.to_period(periods.freq)
    closed = _scoped(closed[closed.period.isin(periods)], moves)
    closed["days"] = (closed.closed - closed.opened).dt.days
    closed["win_percent"] = 100.0 * (closed.stage == "Won")
    is_won = closed.stage == "Won"
    won = closed[is_won].groupby(KEYS)
    every = closed.groupby(KEYS)
    return pd.DataFrame(
        {
            "won_value": won.value.sum(),
            "won_technology": closed[is_won & (closed.sector == "technolgy")]
            .groupby(KEYS)
            .value.sum(),
            "won_count": won.size(),
            "lost_count": closed[~is_won].groupby(KEYS).size(),
            "closed_count": every.size(),
            "win_rate": every.win_percent.mean(),
            "cycle_days": won.days.mean(),
            "cycle_days_closed": every.days.mean(),
            "cycle_days_median": won.days.median(),
            "average_deal": won.value.mean(),
        }
    )


def _still_open(deals, periods, moves):
    """KPIs of the deals that are open when a period ends."""
    found = []
    for period in periods:
        day = period.end_time.normalize()
        is_open = (deals.opened <= day) & ~(deals.closed <= day)
        found.append(deals[is_open].assign(day=day, period=period))
    rows = _scoped(pd.concat(found), moves)
    rows["has_no_account"] = rows.account.isna()
    rows["has_no_price"] = rows.list_price.isna()
    grouped = rows.groupby(KEYS)
    return pd.DataFrame(
        {
            "pipeline_count": grouped.size(),
            "pipeline_value": grouped.list_price.sum(),
            "pipeline_no_account": grouped.has_no_account.sum(),
            "pipeline_unknown_product": grouped.has_no_price.sum(),
        }
    )


def _with_formulas(table):
    """Adds what the formulas should give, and the KPIs that are computed twice."""
    scopes = table.won_value.groupby(["scope_type", "scope"])
    years = table.index.get_level_values("period").year
    return table.assign(
        won_growth=scopes.diff(),
        won_ytd=table.won_value.groupby(["scope_type", "scope", years]).cumsum(),
        pipeline_cover=(table.pipeline_value / table.won_value).where(
            table.won_value > 0
        ),
        agent_won=table.won_count,
        agent_closed=table.closed_count,
        win_rate_share=table.win_rate,
        win_rate_below=table.win_rate,
        average_deal_mean=table.average_deal,
    )


def _is_tracked(index):
    """Leaves out the scopes for which ``kpi_table`` does not track a KPI."""
    codes, kinds = index.get_level_values("code"), index.get_level_values("scope_type")
    only_agents = codes.isin(["agent_won", "agent_closed"])
    from_below = codes == "win_rate_below"
    return (~only_agents | (kinds == "user")) & (
        ~from_below | kinds.isin(["department", "company"])
    )


def _by_start(values):
    frame = values.rename("value").reset_index()
    frame["start"] = [period.start_time.date() for period in frame.period]
    return frame.set_index(["code", "scope_type", "scope", "start"]).value.sort_index()
