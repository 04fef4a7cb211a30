from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged

from ...engine.outgoing import OutgoingRefused
from ..web_server import WebServer

PARAMETER = "kpi_base.outgoing_hosts"


@tagged("post_install", "-at_install")
class TestKpiOutgoing(TransactionCase):
    """What administrators allow, and what everybody else may then."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.outgoing = cls.env["kpi.outgoing"]

    def _allow(self, text):
        self.env["res.config.settings"].create({"kpi_outgoing_hosts": text}).execute()

    def test_a_server_here_is_reached_once_it_is_allowed(self):
        with WebServer() as server:
            with self.assertRaises(OutgoingRefused):
                self.outgoing._post(server.url, b"{}", {})
            with self.assertRaisesRegex(ValidationError, "https"):
                self.outgoing._check_address(server.url)
            self._allow(f"intranet, 127.0.0.1:{server.port}")
            self.outgoing._check_address(server.url)
            self.assertEqual(self.outgoing._post(server.url, b"{}", {}).status, 200)
            with self.assertRaises(OutgoingRefused):
                self.outgoing._post("http://127.0.0.1:1/", b"{}", {})
        self.assertEqual([each.body for each in server.received], [b"{}"])

    def test_what_is_no_host_is_refused(self):
        for text in ("*", "a b/c", "https://intranet", "10.0.0.0/8", "0x7f.1", "a:b"):
            with (
                self.subTest(text),
                self.assertRaisesRegex(ValidationError, "is not a valid host"),
            ):
                self._allow(text)

    def test_hosts_are_written_in_any_case(self):
        self._allow("Intranet:8080 [fd00::1]")
        self.outgoing._check_address("http://INTRANET:8080/x")
        self.outgoing._check_address("http://[fd00::1]/x")

    def test_only_administrators_say_so(self):
        parameters = self.env["ir.config_parameter"].sudo()
        officer = new_test_user(
            self.env,
            "outgoing-officer",
            groups="kpi_base.kpi_base_group_officer,base.group_erp_manager",
        )
        with self.assertRaises(AccessError):
            self.env["res.config.settings"].with_user(officer).create(
                {"kpi_outgoing_hosts": "127.0.0.1"}
            ).execute()
        with self.assertRaises(AccessError):
            parameters.with_user(officer).set_param(PARAMETER, "127.0.0.1")
        self.assertFalse(parameters.get_param(PARAMETER))
        admin = self.env.ref("base.user_admin")
        with Form(self.env["res.config.settings"].with_user(admin)) as form:
            form.kpi_outgoing_hosts = "intranet"
        form.record.execute()
        self.assertEqual(parameters.get_param(PARAMETER), "intranet")
