import os
import subprocess
import sys
from unittest.mock import patch

from odoo import models
from odoo.exceptions import UserError
from odoo.modules.neutralize import neutralize_database
from odoo.tests import Form, HttpCase, TransactionCase, new_test_user, tagged
from odoo.tools import config, mute_logger

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from ...engine.sealing import generate_key, load_keys, unseal
from ...fields import HIDDEN, Secret
from ..common import add_model, open_models

SAFE, KEY = "kpi.test.safe", generate_key()
TEXT = "https://example.com/hook?token=1234567"


class SafeMixin:
    """A model with a secret, and a key on the server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()

        class Safe(models.Model):
            """Something with a secret."""

            _module, _name, _description = None, SAFE, "Safe"
            _inherit = ["kpi.secret.mixin", "mail.thread"]

            address = Secret("address", "Address")
            token = Secret("token", "Token", tracking=True)

        add_model(cls, Safe)
        open_models(cls, SAFE)
        cls.startClassPatcher(patch.dict(os.environ, KPI_SECRET_KEYS=KEY))
        cls.safe = cls.env[SAFE].create({"address": TEXT})

    def _stored(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT name, sealed FROM kpi_secret WHERE model = %s", [SAFE]
        )
        return dict(self.env.cr.fetchall())


@tagged("post_install", "-at_install")
class TestKpiSecret(SafeMixin, TransactionCase):
    """Secrets go in, and come out for the sender only."""

    def test_it_is_stored_sealed_and_read_by_who_uses_it(self):
        (sealed,) = self._stored().values()
        self.assertEqual(unseal(load_keys(KEY), sealed), TEXT)
        self.assertEqual(self.safe._read_secret("address"), TEXT)
        self.assertEqual(self.safe._read_secret("token"), "")
        self.assertTrue(self.safe._has_secret("address"))
        self.assertFalse(self.safe._has_secret("token"))

    def test_nothing_reads_it_back(self):
        """Nor the transaction that wrote it, nor a superuser."""
        safe = self.safe
        self.assertEqual(safe.address, HIDDEN)
        safe.write({"address": f"{TEXT}2", "token": "xoxb-123456"})
        self.assertEqual((safe.address, safe.token), (HIDDEN, HIDDEN))
        self.assertEqual(safe._read_secret("address"), f"{TEXT}2")
        read = [
            safe.read(["address", "token"]),
            safe.sudo().read(),
            safe.web_read({"address": {}, "token": {}}),
            safe.web_save({"address": f"{TEXT}3"}, {"address": {}}),
            safe.export_data(["address", "token", "id"]),
            safe.copy_data(),
            safe.copy().read(),
            self.env[SAFE].search_read([], ["address", "token"]),
            self.env[SAFE].create({"address": TEXT}).read(["address"]),
            safe.message_ids.tracking_value_ids.read(),
            safe.message_ids.mapped("body"),
        ]
        self.assertNotIn("example", repr(read))
        self.assertNotIn("123456", repr(read))
        self.assertIn(HIDDEN, repr(read))

    def test_it_is_no_condition_to_guess_by(self):
        for domain in ([("address", "=", TEXT)], [("address", "like", "https%")]):
            with self.assertRaises(ValueError):
                self.env[SAFE].search(domain)
        with self.assertRaises(ValueError):
            self.env[SAFE]._read_group([], ["address"])

    def test_a_copy_has_none(self):
        self.assertFalse(self.safe.copy().address)

    def test_a_form_that_is_saved_again_changes_nothing(self):
        with Form(self.safe) as form:
            self.assertEqual(form.address, HIDDEN)
            form.token = "new-token"
        self.assertEqual(self.safe._read_secret("address"), TEXT)
        self.assertEqual(self.safe._read_secret("token"), "new-token")

    def test_what_was_exported_may_be_imported_again(self):
        ((name, address),) = self.safe.export_data(["id", "address"])["datas"]
        result = self.env[SAFE].load(["id", "address"], [[name, address]])
        self.assertFalse(
            [each for each in result["messages"] if each["type"] == "error"]
        )
        self.assertEqual(self.safe._read_secret("address"), TEXT)
        self.env[SAFE].load(["id", "address"], [[name, "https://example.org"]])
        self.env.invalidate_all()
        self.assertEqual(self.safe._read_secret("address"), "https://example.org")

    def test_an_empty_text_takes_it_away(self):
        self.safe.address = False
        self.assertFalse(self._stored())
        self.assertFalse(self.safe.address)

    def test_it_goes_with_its_record(self):
        other = self.env[SAFE].create({"address": TEXT})
        self.safe.unlink()
        self.assertEqual(other._read_secret("address"), TEXT)
        other.unlink()
        self.assertFalse(self._stored())

    def test_without_a_key_entering_one_is_refused(self):
        with patch.dict(os.environ, {"KPI_SECRET_KEYS": ""}):
            with self.assertRaisesRegex(UserError, "kpi_secret_keys"):
                self.safe.token = "new-token"
            with self.assertRaisesRegex(UserError, "kpi_secret_keys"):
                self.safe._read_secret("address")
            self.assertEqual(self.safe.address, HIDDEN)
            with patch.dict(config.options, {"kpi_secret_keys": KEY}):
                self.assertEqual(self.safe._read_secret("address"), TEXT)

    def test_a_new_key_seals_everything(self):
        new = generate_key()
        lost = self.env[SAFE].create({"token": "lost-token"})
        self.env.cr.execute(
            "UPDATE kpi_secret SET sealed = 'x' WHERE res_id = %s", [lost.id]
        )
        with patch.dict(os.environ, KPI_SECRET_KEYS=f"{new},{KEY}"):
            count, unreadable = self.env["kpi.secret"]._reseal_all()
        self.assertIn((SAFE, lost.id, "token"), unreadable)
        self.assertGreaterEqual(count, 1)
        with patch.dict(os.environ, KPI_SECRET_KEYS=new):
            self.assertEqual(self.safe._read_secret("address"), TEXT)
            with self.assertRaisesRegex(UserError, "Enter it again"):
                lost._read_secret("token")

    def test_a_neutralized_copy_has_none(self):
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.assertFalse(self._stored())
        self.assertFalse(self.safe.address)

    def test_secrets_go_with_their_model_and_only_then(self):
        """A server that has not loaded an addon knows nothing of its models."""
        self.env.cr.execute(
            """
            INSERT INTO kpi_secret VALUES ('kpi.test.gone', 1, 'token', 'x'),
                                          ('kpi.test.unknown', 1, 'token', 'x');
            INSERT INTO ir_model (model, name, state, "order")
                 VALUES ('kpi.test.gone', '{"en_US": "Gone"}', 'base', 'id'),
                        ('test.other', '{"en_US": "Other"}', 'base', 'id')
            """
        )
        leaving = self.env["ir.model"].with_context(**{MODULE_UNINSTALL_FLAG: True})
        for name in ("test.other", "kpi.test.gone"):
            with mute_logger("odoo.addons.base.models.ir_model"):
                leaving.search([("model", "=", name)]).unlink()

        vacuums = vars(type(self.env["kpi.secret"])).values()
        self.assertFalse(any(getattr(each, "_autovacuum", False) for each in vacuums))
        self.env.cr.execute("SELECT model FROM kpi_secret")
        left = {model for (model,) in self.env.cr.fetchall()}
        self.assertIn(SAFE, left)
        self.assertIn("kpi.test.unknown", left)
        self.assertNotIn("kpi.test.gone", left)

    def test_the_command_makes_keys(self):
        command = [sys.executable, os.environ["ODOO_BIN"], "kpi_secret", "generate"]
        result = subprocess.run(command, capture_output=True, text=True, check=True)
        load_keys(result.stdout.strip())


@tagged("post_install", "-at_install")
class TestKpiSecretRpc(SafeMixin, HttpCase):
    """The same by RPC, where only public methods are."""

    def test_no_call_reads_it(self):
        admin = new_test_user(
            self.env, "secret-admin", groups="base.group_system,base.group_allow_export"
        )
        self.authenticate(admin.login, admin.login)
        ids, names = [self.safe.id], ["address", "token"]
        calls = {
            "read": [ids, names],
            "search_read": [[], names],
            "export_data": [ids, names],
            "copy_data": [ids],
            "web_save": [ids, {"token": "xoxb-123456"}, {"address": {}, "token": {}}],
        }
        for method, arguments in calls.items():
            with self.subTest(method=method):
                answer = repr(self._call(SAFE, method, arguments))
                self.assertNotIn("example.com", answer)
                self.assertNotIn("123456", answer)
        for model, method, arguments in (
            (SAFE, "_read_secret", [ids, "address"]),
            ("kpi.secret", "_load_keys", []),
            ("kpi.secret", "read", [[1]]),
            ("kpi.secret", "search_read", [[]]),
        ):
            with self.subTest(model=model, method=method):
                with self.assertRaises(Exception) as caught:
                    self._call(model, method, arguments)
                self.assertNotIn("example.com", repr(caught.exception))

    def _call(self, model, method, arguments):
        return self.make_jsonrpc_request(
            "/web/dataset/call_kw",
            {"model": model, "method": method, "args": arguments, "kwargs": {}},
        )
