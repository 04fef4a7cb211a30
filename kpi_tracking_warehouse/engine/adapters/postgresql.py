"""PostgreSQL, and what speaks as it does."""

from sqlglot import exp

from .adapter import ROWS_AT_ONCE, Adapter


class PostgreSQL(Adapter):
    name, dialect = "PostgreSQL", "postgres"
    module, package, port = "psycopg2", "psycopg2", 5432

    def list_columns(self, table):
        name = self._regclass(table)
        return self.fetch(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
            f" WHERE attrelid = {name} AND attnum > 0 AND NOT attisdropped"
            " ORDER BY attnum"
        )

    def estimate_scan(self, sql, table, columns):
        """The size of all tables in the plan, which leaves out what it prunes."""
        ((plans,),) = self.fetch(f"EXPLAIN (FORMAT JSON, VERBOSE) {sql}")
        names, nodes = set(), [plan["Plan"] for plan in plans]
        while nodes:
            node = nodes.pop()
            nodes += node.get("Plans", ())
            if "Relation Name" in node:
                parts = (node.get("Schema", "public"), node["Relation Name"])
                names.add(".".join(exp.to_identifier(p, True).sql() for p in parts))
        sizes = (f"pg_table_size({self._regclass(name)})" for name in sorted(names))
        ((size,),) = self.fetch(f"SELECT {' + '.join(sizes) or '0'}")
        return int(size)

    def find_version(self, table):
        rows = self.fetch(
            "SELECT relid, pg_relation_filenode(relid), n_tup_ins, n_tup_upd, n_tup_del"
            f" FROM pg_stat_user_tables WHERE relid = {self._regclass(table)}"
            " AND current_setting('track_counts')::boolean"
        )
        return repr(rows[0]) if rows else None

    def _connect(self, driver):
        place = self.place
        connection = driver.connect(
            host=place.host,
            port=place.port,
            dbname=place.path,
            user=place.login,
            password=place.password,
            sslmode="require" if place.is_encrypted else "prefer",
            connect_timeout=max(2, int(min(place.seconds, 10))),
            options="-c default_transaction_read_only=on -c TimeZone=UTC -c jit=off"
            f" -c statement_timeout={int(place.seconds * 1000)}",
        )
        connection.autocommit = False
        return connection

    def _execute(self, sql):
        if sql.startswith("EXPLAIN"):
            return super()._execute(sql)
        cursor = self.connection.cursor(name="kpi")
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(sql)
        return cursor

    def _cancel(self):
        self.connection.cancel()

    def _regclass(self, table):
        name = self.find_source(table).sql(dialect=self.dialect)
        return f"{exp.Literal.string(name).sql('postgres')}::regclass"
