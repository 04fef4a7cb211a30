from types import SimpleNamespace
from unittest.mock import patch

from psycopg2 import OperationalError

from odoo.tests import TransactionCase, new_test_user, tagged

from ...rest.call import Call, Identity
from ..controllers.api_case import cursor_of_the_test


@tagged("post_install", "-at_install")
class TestKpiApiLog(TransactionCase):
    """Notes on each request, on a connection beside that of the request."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.log = cls.env["kpi.api.log"]
        counters = cls.registry["kpi.api.counter"]
        cls.classPatch(counters, "_side_cursor", cursor_of_the_test)
        cls.ann = new_test_user(cls.env, "ann_log", name="Ann")

    def _record(self, status=200, **values):
        http = SimpleNamespace(method="PATCH", remote_addr="192.0.2.7")
        request = SimpleNamespace(env=self.env, httprequest=http)
        call = Call("order-4711", route="/api/kpi/teams/{team_id}", **values)
        with self.enter_registry_test_mode():
            self.registry["kpi.api.log"]._record(request, call, status)
        return self.log.search([("request_id", "=", "order-4711")])

    def test_who_asked_for_what_and_what_came_of_it(self):
        identity = Identity(12, "Key of Ann", self.ann.id, frozenset(), is_token=True)
        line = self._record(identity=identity, record_ids=[7, 9])
        self.assertEqual(
            (line.method, line.route, line.status, line.address, line.record_ids),
            ("PATCH", "/api/kpi/teams/{team_id}", 200, "192.0.2.7", "7, 9"),
        )
        self.assertEqual((line.key_id, line.key_name), (12, "Key of Ann"))
        self.assertEqual((line.user_name, line.is_token), ("Ann", True))
        self.assertLess(line.milliseconds, 60_000)

    def test_a_line_outlives_the_person(self):
        line = self._record(identity=Identity(1, "Key", self.ann.id, frozenset()))
        self.ann.unlink()
        line.invalidate_recordset()
        self.assertEqual((line.user_name, line.key_name), ("", "Key"))

    def test_a_request_without_a_key_is_noted_too(self):
        line = self._record(status=401)
        self.assertEqual((line.status, line.key_id, line.user_name), (401, 0, ""))

    def test_a_hundred_records_are_the_most_that_are_named(self):
        line = self._record(record_ids=list(range(1, 500)))
        self.assertEqual(line.record_ids.split(", ")[-1], "100")

    def test_records_of_a_confidential_call_are_not_named(self):
        line = self._record(record_ids=[7, 9], is_confidential=True)
        self.assertEqual((line.status, line.record_ids), (200, ""))

    def test_a_log_that_cannot_be_written_breaks_no_request(self):
        counters = self.registry["kpi.api.counter"]
        broken = OperationalError("no more connections")
        with (
            patch.object(counters, "_side_cursor", side_effect=broken),
            self.assertLogs("odoo.addons.kpi_base.models.rest.kpi_api_log") as logs,
        ):
            self.assertFalse(self._record())
        self.assertIn("order-4711 is not in the access log", logs.output[0])

    def test_the_access_log_is_kept_as_long_as_the_settings_say(self):
        self.env["ir.config_parameter"].set_param("kpi_base.api_log_days", 7)
        old, new = self.log.create(
            [{"recorded_at": "2020-01-01"}, {"recorded_at": "2100-01-01"}]
        )
        self.log._gc_log()
        self.assertEqual((old | new).exists(), new)
