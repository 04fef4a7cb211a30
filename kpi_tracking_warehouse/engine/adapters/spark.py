"""Apache Spark, by Spark Connect."""

import re

from .adapter import Adapter

_SIZE = re.compile(r"Relation.*?sizeInBytes=([\d.]+) (\w+)")
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


class SparkConnect(Adapter):
    name, dialect = "Spark Connect", "spark"
    module, package, port = "pyspark.sql", "pyspark-client", 443

    def list_columns(self, table):
        rows = super().list_columns(table)
        names = [name for name, _type in rows]
        # What follows of partitions repeats columns, below a heading.
        ends = (place for place, name in enumerate(names) if name.startswith("#"))
        return rows[: next(ends, len(rows))]

    def estimate_scan(self, sql, table, columns):
        """What the optimizer knows of the files that are left to read."""
        ((text,),) = self.fetch(f"EXPLAIN COST {sql}")
        sizes = _SIZE.findall(text)
        if not sizes:
            return None
        return int(sum(float(n) * 1024 ** _UNITS.index(u) for n, u in sizes))

    def find_version(self, table):
        """The version of a Delta table; others have none."""
        source = self.find_source(table).sql(dialect=self.dialect)
        details = self.fetch(f"DESCRIBE EXTENDED {source}")
        if ("Provider", "delta") not in [tuple(row[:2]) for row in details]:
            return None
        rows = self.fetch(f"DESCRIBE HISTORY {source} LIMIT 1")
        return repr(rows[0][:2]) if rows else None

    def _connect(self, driver):
        place = self.place
        address = f"sc://{place.host}:{place.port}/;user_id={place.login}"
        if place.is_encrypted:
            address += ";use_ssl=true"
        if place.password:
            address += f";token={place.password}"
        session = driver.SparkSession.builder.remote(address).create()
        session.conf.set("spark.sql.session.timeZone", "UTC")
        return _Session(session)

    def _execute(self, sql):
        return _Rows(self.connection.session.sql(sql).toLocalIterator())

    def _cancel(self):
        self.connection.session.interruptAll()


class _Session:
    def __init__(self, session):
        self.session = session

    def close(self):
        self.session.stop()


class _Rows:
    """Rows of Spark as a cursor gives them."""

    def __init__(self, rows):
        self.rows = rows

    def fetchmany(self, count):
        found = (row for _place, row in zip(range(count), self.rows, strict=False))
        return [tuple(row) for row in found]

    def close(self):
        self.rows.close()
