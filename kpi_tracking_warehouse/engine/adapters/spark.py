"""Apache Spark, by Spark Connect."""

import re
from itertools import takewhile

from .adapter import Adapter

_SIZE = re.compile(r"Relation.*?sizeInBytes=([\d.]+) (\w+)")
_DETAILS = re.compile(r'details = "(.*?)"')
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


class SparkConnect(Adapter):
    name, dialect = "Spark Connect", "spark"
    module, package, port = "pyspark.sql", "pyspark-client", 443

    def list_columns(self, table):
        # What follows of partitions repeats columns, below a heading.
        rows = super().list_columns(table)
        return list(takewhile(lambda row: not row[0].startswith("#"), rows))

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
        # by itself it tries for ten minutes; a job asks again within the hour
        session.client.set_retry_policies([])
        session.conf.set("spark.sql.session.timeZone", "UTC")
        return session

    def __exit__(self, *_error):
        self.connection.stop()

    def _list_rows(self, sql):
        return map(tuple, self.connection.sql(sql).toLocalIterator())

    def _write_reason(self, error):
        call = _DETAILS.search(str(error))
        return call[1] if call else super()._write_reason(error)

    def _cancel(self):
        self.connection.interruptAll()
