import re
from datetime import date
from pathlib import Path

from odoo.tests import tagged

from ...controllers.prefix import serves
from ...engine.rest.problem import TYPES
from ...rest.dispatcher import KpiRestDispatcher
from ...rest.route import ARGUMENT
from ...rest.rows import STORED_AS, _order_sql
from ...schemas.base import ListQuery
from ..common import is_in_sample
from .api_case import ApiCase
from .description_case import DescriptionMixin
from .shelves import ShelvesCase

DOCS = Path(__file__).parents[3] / "docs" / "api.md"
# of a path's arguments, by how they are converted; others are ids, or a kind of error
ARGUMENTS = {"uuid": "c56a4180-65aa-42ec-a945-5fd21dec0538", "string": "invalid"}


@tagged("post_install", "-at_install")
class TestApiDescription(DescriptionMixin, ApiCase):
    """The description of what is installed, and its page."""

    def test_the_page_loads_nothing_from_elsewhere(self):
        page = self.ask("/docs", who=None)
        policy = page.headers["Content-Security-Policy"]
        self.assertIn("default-src 'none'; script-src 'self'", policy)
        for name in re.findall(r'(?:src|href)="docs/([^"]+)"', page.text):
            self.assertEqual(self.ask(f"/docs/{name}", who=None).status_code, 200)

    def test_only_files_of_the_viewer_are_served(self):
        for name in ("index.css", "..%2Fcore.py", "%2e%2e%2fcore.py", "x"):
            answer = self.ask(f"/docs/{name}", who=None)
            self.assertEqual(answer.status_code, 404)

    def test_every_kind_of_error_has_a_page_and_stands_in_the_docs(self):
        text = DOCS.read_text()
        for kind in TYPES.values():
            page = self.ask(f"/problems/{kind.slug}", who=None)
            self.assertIn(kind.title, page.text)
            self.assertIn(f"`{kind.slug}`", text)

    def test_a_kind_of_error_that_is_none_has_no_page(self):
        self.assertProblem(self.ask("/problems/bogus", who=None), "not-found")


@tagged("post_install", "-at_install")
class TestApiClient(DescriptionMixin, ShelvesCase):
    """The description of paths of another addon, and the client made from it."""

    def test_types_of_rows_and_filters_come_from_fields(self):
        document = self._document()
        described = document["components"]["schemas"]["TeamOut"]["properties"]
        other = {"$ref": "#/components/schemas/Reference"}
        self.assertEqual(described["company"], other)
        self.assertEqual(described["leader"], {"anyOf": [other, {"type": "null"}]})
        self.assertEqual(described["name"]["type"], "string")
        self.assertEqual(described["active"]["type"], "boolean")
        self.assertEqual(described["linked_id"]["type"], "integer")
        self.assertEqual(described["linked_id"]["description"], "Of another program")
        self.assertEqual(described["create_date"]["format"], "date-time")
        self.assertEqual(described["linked_model"]["anyOf"][0]["enum"][0], "sales")
        given = document["paths"][f"{self.prefix}/teams"]["get"]["parameters"]
        types = {one["name"]: one["schema"]["type"] for one in given}
        self.assertEqual((types["leader_id"], types["active"]), ("integer", "boolean"))

    def test_the_client_reads_and_sends(self):
        module = self._client_module()
        client = module.Client(self.base_url(), self.keys["officer"])
        with self.allow_requests(all_requests=True):
            made = client.create_team({"name": "Calls"}, idempotency_key="client-1")
            again = client.create_team({"name": "Calls"}, idempotency_key="client-1")
            self.assertEqual(made, again)
            changed = client.change_team(made["id"], {"name": "Recalls"})
            self.assertEqual(changed["name"], "Recalls")
            (row,) = client.list_teams(name="Recalls", active=True)["items"]
            self.assertEqual(row["id"], made["id"])
            gone = client.list_teams(name="Recalls", active=False)["items"]
            self.assertEqual(gone, [])
            self.assertEqual(client.list_teams(joined=date(2999, 1, 1))["items"], [])
            self.assertIsNone(client.remove_team(made["id"]))
            with self.assertRaises(module.ApiError) as caught:
                client.get_team(made["id"])
        self.assertEqual(caught.exception.status, 404)
        self.assertFalse(self.env["kpi.team"].browse(made["id"]).exists())


@tagged("post_install", "-at_install")
class TestEveryRoute(ApiCase):
    """Rules that hold for the routes of all families."""

    prefix = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("kpi_base.api_per_minute", 1_000_000)
        scopes = cls.env["kpi.api.scope"].search([]).mapped("code")
        cls.keys["admin"] = cls._key("admin", scopes)

    def _find_routes(self):
        """(path, declaration by Odoo) of each route of a family."""
        modules = sorted(self.registry._init_modules)
        rules = self.env["ir.http"]._generate_routing_rules(modules, converters=None)
        for path, endpoint in rules:
            routing = endpoint.routing
            is_rest = routing["type"] == KpiRestDispatcher.routing_type
            if is_rest and serves(path) and not routing.get("is_unknown_path"):
                yield path, routing

    def _list_addresses(self):
        """(method, address) of each route, with values for the path's arguments."""
        found = set()
        for path, routing in self._find_routes():
            address = ARGUMENT.sub(
                lambda found: ARGUMENTS.get(found[1], "2147483647"), path
            )
            found.update((method, address) for method in routing["methods"])
        return sorted(found)

    def test_every_list_is_sorted_by_what_its_table_holds(self):
        for path, routing in self._find_routes():
            query = "declaration" in routing and routing["declaration"].query
            if not query or not issubclass(query, ListQuery):
                continue
            model = self.env[query.row.of.model]
            for name in query.sortable:
                with self.subTest(path=path, name=name):
                    field = model._fields[STORED_AS.get(name, name)]
                    found = model._search([])
                    found.order = _order_sql(model, found, field, is_descending=True)
                    model.browse(found)

    def test_every_route_refuses_a_parameter_that_it_does_not_know(self):
        routes = self._list_addresses()
        self.assertIn(("GET", "/api/kpi/problems/invalid"), routes)
        for method, address in routes:
            if not is_in_sample(f"{method} {address}"):
                continue
            with self.subTest(method=method, address=address):
                body = {} if method in ("GET", "DELETE") else {"json": {}}
                answer = self.ask(
                    f"{address}?bogus=1", who="admin", method=method, **body
                )
                problem = self.assertProblem(answer, "invalid")
                self.assertIn("/bogus", [one["pointer"] for one in problem["errors"]])
