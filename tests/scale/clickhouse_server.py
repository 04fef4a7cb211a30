"""``python clickhouse_server.py PORT FOLDER``: ClickHouse's engine, asked by HTTP."""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from chdb import session

_only_one = threading.Lock()
# of these the engine has to know; others are of HTTP
SET = ("session_timezone", "cast_keep_nullable", "group_by_use_nulls")
SET += ("force_grouping_standard_compatibility",)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        asked = dict(parse_qsl(urlsplit(self.path).query))
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        with _only_one:
            for name in asked.keys() & SET:
                engine.query(f"SET {name} = '{asked[name]}'")
            try:
                query = asked.get("query", "") + body
                status, found = 200, engine.query(query, "TabSeparated").bytes()
            except RuntimeError as error:
                status, found = 500, str(error).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(found)))
        self.end_headers()
        self.wfile.write(found)


if __name__ == "__main__":
    engine = session.Session(sys.argv[2])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
