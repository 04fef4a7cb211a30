"""The people of requests, with keys."""

from odoo.addons.kpi_base.tests.controllers.api_case import ApiCase

from ..models.tat_case import TatCase

SCOPES = ("tat.read", "tat.write")
PEOPLE = ("ina", "ann", "bo", "cy", "zoe")


class TatApiCase(ApiCase, TatCase):
    """Ina asks for laptops; Ann decides, then Cy. Zoe has no part in it."""

    prefix = "/api/tat"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in PEOPLE:
            cls.people[name] = getattr(cls, name)
            cls.keys[name] = cls._key(name, SCOPES)
        cls.keys["officer"] = cls._key("officer", SCOPES)
        cls.env.flush_all()

    def _send(self, path, who="ann", method="POST", **body):
        return self.ask(path, who, method, json=body)

    def _make(self, who="ina", **body):
        values = {"subject": "Laptops", "template_id": self.template.id, **body}
        return self.ask("/requests", who, "POST", json=values)

    def _make_pending(self, **body):
        """A request that Ann is asked about, and its path."""
        answer = self._make(submit=True, **body)
        self.assertEqual(answer.status_code, 201, answer.text)
        made = answer.json()
        record = self.env["kpi.tat.request"].browse(made["id"])
        return record, f"/requests/{made['id']}"
