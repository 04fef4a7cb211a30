"""Orders in Parquet files, and KPIs over them by departments."""

from pathlib import Path
from typing import Any

ROWS, DEPARTMENTS, MONTHS = 20_000_000, 200, 24
# two years of days; amounts of cents; a quarter of all are drafts
ORDERS = f"""
    SELECT date '2024-01-01' + (hash(n) % 731)::int AS day,
           ((hash(n * 7 + 1) % 1000000) / 100.0)::decimal(12, 2) AS amount,
           CASE WHEN hash(n * 3 + 5) % 4 = 0 THEN 'draft' ELSE 'sale' END AS state,
           'D' || hash(n * 11 + 3) % {DEPARTMENTS} AS dept
      FROM range({{rows}}) AS numbers(n)
"""
BARE = """
    SELECT dept, date_trunc('month', day)::date,
           sum(amount) FILTER (state = 'sale'), avg(amount)
      FROM '{folder}/orders/*.parquet' GROUP BY ALL
"""


def connect() -> Any:
    import duckdb

    return duckdb.connect(config={"threads": 2, "memory_limit": "2GB"})


def write_orders(folder: Path) -> None:
    """All orders, in files of some 40 MB below ``orders``."""
    options = "(FORMAT parquet, FILE_SIZE_BYTES 40000000)"
    orders = ORDERS.format(rows=ROWS)
    with connect() as connection:
        connection.execute(f"COPY ({orders}) TO '{folder}/orders' {options}")


def ask_bare(folder: Path) -> list[tuple]:
    """Rows of department, month, revenue and average amount, by DuckDB alone."""
    with connect() as connection:
        return connection.execute(BARE.format(folder=folder)).fetchall()


def track_departments(env: Any, table: str, **warehouse: Any) -> Any:
    """The dataset of revenue and the average of all orders, for each department."""
    company = env.company
    departments = env["hr.department"].create(
        [
            {"name": f"D{number}", "company_id": company.id}
            for number in range(DEPARTMENTS)
        ]
    )
    dataset = env["kpi.warehouse.dataset"].create(
        {
            "name": "Orders",
            "code": "orders",
            "table_name": table,
            "warehouse_id": env["kpi.warehouse"]
            .create({"name": "Lake", "most_gigabytes": 1.0, **warehouse})
            .id,
        }
    )
    dataset.action_test()
    column = {column.name: column.id for column in dataset.column_ids}
    dataset.write(
        {"day_column_id": column["day"], "department_column_id": column["dept"]}
    )
    common = {"dataset_id": dataset.id, "column_id": column["amount"]}
    revenue, _average = env["kpi.warehouse.measure"].create(
        [
            {**common, "name": "Revenue", "code": "revenue", "function": "sum"},
            {**common, "name": "Average", "code": "average", "function": "average"},
        ]
    )
    sale = {"column_id": column["state"], "value": "sale"}
    env["kpi.warehouse.condition"].create({"measure_id": revenue.id, **sale})
    track(env, dataset, "revenue", "department", departments)
    track(env, dataset, "average", "department", departments)
    return dataset


def track(env: Any, dataset: Any, measure: str, scope_type: str, records: Any) -> None:
    """A KPI that is a measure, from 2024 on, by days of UTC."""
    calendars = env["kpi.calendar"]
    utc = {"name": "UTC", "tz": "UTC", "company_id": env.company.id}
    calendar = calendars.search([("name", "=", "UTC")]) or calendars.create(utc)
    kpi = env["kpi.definition"].create(
        {
            "name": measure,
            "code": measure,
            "calendar_id": calendar.id,
            "computation": "external",
            "external_source": "kpi.warehouse.reading",
            "external_measure": f"{dataset.code}.{measure}",
            "history_start": "2024-01-01",
        }
    )
    kpi._track_for(scope_type, records, env.company.id)
    env.cr.commit()
