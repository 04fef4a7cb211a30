from unittest.mock import patch

from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestFresh(HttpCase):
    """Who has just been told of a change reads on the first database server."""

    def setUp(self):
        super().setUp()
        self.set_registry_readonly_mode(True)
        self.addCleanup(self.set_registry_readonly_mode, False)
        self.authenticate("admin", "admin")

    def read_teams(self, **context):
        """Whether the read came to a replica, and the context that it had there."""
        seen, teams = [], self.registry["kpi.team"]
        search = teams._search

        def note(self, *args, **kwargs):
            seen.append((self.env.cr.readonly, self.env.context))
            return search(self, *args, **kwargs)

        with patch.object(teams, "_search", note):
            params = {"model": "kpi.team", "method": "search_read", "args": []}
            kwargs = {"domain": [], "fields": ["name"], "context": context}
            self.make_jsonrpc_request(
                "/web/dataset/call_kw/kpi.team/search_read",
                {**params, "kwargs": kwargs},
            )
        return seen[0]

    def test_a_fresh_read_is_the_primarys(self):
        self.assertTrue(self.read_teams(lang="en_US")[0])
        is_readonly, context = self.read_teams(lang="en_US", kpi_fresh=True)
        self.assertFalse(is_readonly)
        self.assertEqual(context["lang"], "en_US")
        self.assertNotIn("kpi_fresh", context)  # nothing is stored with it

    def test_other_values_are_refused_as_before(self):
        for kwargs in ({"context": 5}, [], {}):
            with self.subTest(kwargs=kwargs):
                params = {"model": "kpi.team", "method": "search_count", "args": [[]]}
                answer = self.url_open(
                    "/web/dataset/call_kw",
                    json={"params": {**params, "kwargs": kwargs}},
                )
                self.assertEqual(answer.status_code, 200)
                self.assertEqual("error" in answer.json(), kwargs != {})
