"""KPIs behind the REST interface, beside the people and keys of every addon."""

from datetime import date

from odoo.addons.kpi_base.tests.controllers.api_case import ApiCase


class KpiApiCase(ApiCase):
    """Requests for KPIs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.department = cls.env["hr.department"].create({"name": "Api Sales"})
        cls.definition = cls._definition("Visits", "api_visits")
        cls.report = cls.definition._track_for("company", cls.env.company)
        cls.own_report = cls.definition._track_for("user", cls.people["user"])
        cls.env.flush_all()

    @classmethod
    def _definition(cls, name, code, **values):
        return cls.env["kpi.definition"].create(
            {
                "name": name,
                "code": code,
                "frequency": "month",
                "history_start": date(2023, 1, 1),
                **values,
            }
        )
