"""ClickHouse, by HTTP."""

from sqlglot import exp

from .adapter import Adapter

SETTINGS = {
    "readonly": 1,
    "session_timezone": "UTC",
    "cast_keep_nullable": 1,
    "force_grouping_standard_compatibility": 1,
    "group_by_use_nulls": 1,
}


class ClickHouse(Adapter):
    name, dialect = "ClickHouse", "clickhouse"
    module, package, port = "clickhouse_connect", "clickhouse-connect", 443

    def list_columns(self, table):
        source = self.find_source(table).sql(dialect=self.dialect)
        return [row[:2] for row in self.fetch(f"DESCRIBE TABLE {source}")]

    def estimate_scan(self, sql, table, columns):
        """The share of the columns' bytes that the rows of the marks to read are."""
        rows = sum(int(row[3]) for row in self.fetch(f"EXPLAIN ESTIMATE {sql}"))
        names = ", ".join(exp.Literal.string(c).sql(self.dialect) for c in columns)
        ((size, count),) = self.fetch(
            "SELECT sum(column_data_compressed_bytes), sum(rows) FROM"
            f" system.parts_columns WHERE {self._parts(table)} AND column IN ({names})"
        )
        # each column has a row for the rows of its part
        count /= len(columns)
        return int(size * min(1, rows / count)) if count else None

    def find_version(self, table):
        (row,) = self.fetch(
            "SELECT count(), sum(rows), max(modification_time), max(data_version)"
            f" FROM system.parts WHERE {self._parts(table)}"
        )
        return repr(row) if row[0] else None

    def _connect(self, driver):
        place = self.place
        return driver.get_client(
            host=place.host,
            port=place.port,
            interface="https" if place.is_encrypted else "http",
            username=place.login,
            password=place.password,
            database=place.path or "default",
            send_receive_timeout=int(place.seconds),
            settings={**SETTINGS, "max_execution_time": int(place.seconds)},
        )

    def _list_rows(self, sql):
        with self.connection.query_rows_stream(sql) as rows:
            yield from rows

    def _parts(self, table):
        source = self.find_source(table)
        database = exp.Literal.string(source.db or self.place.path or "default")
        name = exp.Literal.string(source.name)
        quoted = (each.sql(self.dialect) for each in (database, name))
        return "active AND database = {} AND table = {}".format(*quoted)
