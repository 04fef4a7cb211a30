"""DuckDB, embedded: Parquet and CSV files, and files of its own."""

import hashlib
from pathlib import Path

from sqlglot import exp

from ..files import find_files, find_folder
from .adapter import Adapter

READERS = {".parquet": "read_parquet", ".csv": "read_csv", ".tsv": "read_csv"}
OWN = {".duckdb", ".db"}
MEMORY, THREADS = "1GB", 2


class DuckDB(Adapter):
    name, dialect = "DuckDB", "duckdb"
    module = package = "duckdb"

    def find_source(self, table):
        if self._is_own():
            source = super().find_source(table)
            # of a table in the main schema DuckDB takes the first part for the file
            source.set("catalog" if source.db else "db", exp.to_identifier("own"))
            return source
        files = self._find_files(table)
        names = [exp.Literal.string(str(file)) for file in files]
        reader = READERS[files[0].suffix]
        return exp.Anonymous(this=reader, expressions=[exp.Array(expressions=names)])

    def list_columns(self, table):
        source = self.find_source(table).sql(dialect=self.dialect)
        return [row[:2] for row in self.fetch(f"DESCRIBE SELECT * FROM {source}")]

    def estimate_scan(self, sql, table, columns):
        files = self._find_files(table)
        if files[0].suffix != ".parquet":
            return sum(file.stat().st_size for file in files)
        source = self.find_source(table)
        source.set("this", "parquet_metadata")
        sizes = "SELECT SUM(total_compressed_size) FROM {} WHERE path_in_schema IN ({})"
        names = ", ".join(exp.Literal.string(c).sql("duckdb") for c in columns)
        ((size,),) = self.fetch(sizes.format(source.sql("duckdb"), names))
        return size or 0

    def find_version(self, table):
        stats = [(str(file), file.stat()) for file in self._find_files(table)]
        known = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
        return hashlib.sha256(repr(known).encode()).hexdigest()

    def _connect(self, driver):
        paths = self._find_files("") if self._is_own() else []
        if not paths:
            find_folder(self.place.folder, self.place.path)
        connection = driver.connect(config={"memory_limit": MEMORY, "threads": THREADS})
        for path in paths:
            name = exp.Literal.string(str(path)).sql("duckdb")
            connection.execute(f"ATTACH {name} AS own (READ_ONLY)")
        folder = exp.Literal.string(f"{find_folder(self.place.folder)}/").sql("duckdb")
        connection.execute(
            "SET autoinstall_known_extensions = false;"
            "SET autoload_known_extensions = false;"
            "SET allow_community_extensions = false;"
            f"SET allowed_directories = [{folder}];"
            "SET temp_directory = '';"
            "SET enable_external_access = false;"
            "SET lock_configuration = true"
        )
        return connection

    def _execute(self, sql):
        # a connection of its own, which alone can be interrupted
        self.cursor = self.connection.cursor()
        return self.cursor.execute(sql)

    def _cancel(self):
        self.cursor.interrupt()

    def _is_own(self):
        return Path(self.place.path).suffix in OWN

    def _find_files(self, table):
        folder = find_folder(self.place.folder)
        if self._is_own():
            return find_files(folder, self.place.path, OWN)
        return find_files(folder, f"{self.place.path}/{table}".strip("/"), READERS)
