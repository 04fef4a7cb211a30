"""The people of initiatives, with keys."""

from odoo.addons.kpi_base.tests.controllers.api_case import ApiCase

from ..models.benefit_case import BenefitCase

SCOPES = ("benefits.read", "benefits.write")


class BenefitApiCase(ApiCase, BenefitCase):
    """Olga owns an initiative; Zoe has no part in it."""

    prefix = "/api/benefits"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("olga", "sue", "max", "pia", "zoe"):
            cls.people[name] = getattr(cls, name)
            cls.keys[name] = cls._key(name, SCOPES)
        cls.env.flush_all()

    def _post(self, path, who="olga", **body):
        return self.ask(path, who, "POST", json=body)

    def _put(self, path, who="olga", **body):
        return self.ask(path, who, "PUT", json=body)
