"""Requests to the REST interface, with the keys of people of the test."""

from contextlib import contextmanager
from datetime import datetime, timedelta

from odoo import Command
from odoo.tests import HttpCase, new_test_user

from ...rest.call import Call

GROUP = "kpi_base.kpi_base_group_%s"
SCOPES = ("kpi.read", "kpi.write")


class OwnCursorCase(HttpCase):
    """Case in which the counters of requests lie in the test's own transaction.

    There a second connection would see nothing, and could not be opened beside one
    that only reads. Isolation of requests is tested on a real server.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_registry_readonly_mode(False)
        cls.addClassCleanup(cls.set_registry_readonly_mode, True)
        counter = cls.registry["kpi.api.counter"]
        cls.classPatch(counter, "_side_cursor", cursor_of_the_test)


class ApiCase(OwnCursorCase):
    """Requests with keys of a user, an officer and an administrator."""

    prefix = "/api/kpi"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.freeze_time:
            # The log would count from a clock that runs on, to one that stands.
            cls.classPatch(Call, "milliseconds", 0)
        cls.people = {name: cls._person(name) for name in ("user", "officer", "admin")}
        cls.keys = {name: cls._key(name) for name in cls.people}
        cls.env.flush_all()

    @classmethod
    def _person(cls, name):
        return new_test_user(cls.env, f"api_{name}", GROUP % name, name=f"Api {name}")

    @classmethod
    def _key(cls, name, scopes=SCOPES, days=30, **values):
        """The text of a new key of a person."""
        found = cls.env["kpi.api.scope"].search([("code", "in", scopes)])
        given = {"name": f"Key of {name}", "scope_ids": [Command.set(found.ids)]}
        keys = cls.env["kpi.api.key"].with_user(cls.people[name])
        expires_at = datetime.now() + timedelta(days=days)
        text, _record = keys._generate({**given, **values}, expires_at)
        return text

    def _record_of(self, name):
        """The latest key of a person."""
        person = self.people[name]
        return self.env["kpi.api.key"].search([("user_id", "=", person.id)], limit=1)

    def ask(self, path, who="officer", method=None, key=None, **options):
        """The answer to a request with the key of ``who``; None: without any."""
        headers = dict(options.pop("headers", {}))
        key = key or self.keys.get(who)
        if key:
            headers.setdefault("Authorization", f"Bearer {key}")
        self.env.flush_all()
        answer = self.url_open(
            f"{self.prefix}{path}",
            method=method,
            headers=headers,
            timeout=60,
            allow_redirects=False,
            **options,
        )
        self.env.invalidate_all()
        return answer

    def assertProblem(self, answer, slug):
        """The answer is this kind of error, in the one shape that errors have."""
        kind = answer.headers["Content-Type"]
        self.assertEqual(kind, "application/problem+json", answer.text[:300])
        body = answer.json()
        self.assertEqual(body["type"], f"/api/kpi/problems/{slug}", body)
        self.assertEqual(body["status"], answer.status_code)
        self.assertEqual(body["request_id"], answer.headers["X-Request-ID"])
        self.assertNotIn("Traceback", answer.text)
        return body


@contextmanager
def cursor_of_the_test(counter):
    with counter.env.registry.cursor() as cr:
        yield cr
