"""The engines: how each is connected to, limited and asked.

To add one: a file with a class of ``Adapter``, its name in ``ADAPTERS``.
"""

from .adapter import Adapter, Place, WarehouseFault
from .clickhouse import ClickHouse
from .duckdb import DuckDB
from .postgresql import PostgreSQL
from .spark import SparkConnect
from .trino import Trino

ADAPTERS: dict[str, type[Adapter]] = {
    "duckdb": DuckDB,
    "postgresql": PostgreSQL,
    "trino": Trino,
    "clickhouse": ClickHouse,
    "spark": SparkConnect,
}
