"""Trino: tables of a lake, Iceberg and Delta among them."""

import json
import math

from .adapter import Adapter


class Trino(Adapter):
    name, dialect = "Trino", "trino"
    module, package, port = "trino.dbapi", "trino", 443

    def estimate_scan(self, sql, table, columns):
        ((text,),) = self.fetch(f"EXPLAIN (TYPE IO, FORMAT JSON) {sql}")
        sizes = [
            read["estimate"].get("outputSizeInBytes")
            for read in json.loads(text).get("inputTableColumnInfos", ())
        ]
        known = [float("nan") if size is None else float(size) for size in sizes]
        total = sum(known)
        return None if not known or math.isnan(total) else int(total)

    def find_version(self, table):
        """The snapshot of an Iceberg table; others have none."""
        source = self.find_source(table)
        source.this.set("this", f"{source.this.this}$snapshots")
        name = source.sql(dialect=self.dialect)
        query = "SELECT snapshot_id FROM {} ORDER BY committed_at DESC LIMIT 1"
        with self._reading():
            cursor = self.connection.cursor()
            try:
                cursor.execute(query.format(name))
                row = cursor.fetchone()
            except Exception as error:  # the root of its faults is known with it only
                if type(error).__name__ != "TrinoUserError":
                    raise
                return None
        return str(row[0]) if row else None

    def _connect(self, driver):
        place = self.place
        auth = __import__("trino").auth.BasicAuthentication
        catalog, _dot, schema = place.path.partition("/")
        return driver.connect(
            host=place.host,
            port=place.port,
            http_scheme="https" if place.is_encrypted else "http",
            user=place.login,
            auth=auth(place.login, place.password) if place.password else None,
            catalog=catalog or None,
            schema=schema or None,
            timezone="UTC",
            request_timeout=min(place.seconds, 30),
            session_properties={"query_max_run_time": f"{int(place.seconds)}s"},
        )
