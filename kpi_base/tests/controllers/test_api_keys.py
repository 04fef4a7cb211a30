import base64
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.modules.neutralize import neutralize_database
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.base.models.res_users import KEY_CRYPT_CONTEXT

from ...models.rest import kpi_api_key as authentication
from .api_case import GROUP
from .shelves import ShelvesCase

UNKNOWN = "0123456789abcdef0123456789abcdef01234567"


@tagged("post_install", "-at_install")
class TestApiKeys(ShelvesCase):
    """Access by keys: who gets in, how far, and from where."""

    def _status(self, key, path="/teams", **headers):
        return self.ask(path, who=None, key=key, headers=headers).status_code

    def test_a_key_comes_in_three_ways(self):
        key = self.keys["user"]
        basic = base64.b64encode(f"anybody:{key}".encode()).decode()
        for headers in (
            {"Authorization": f"Bearer {key}"},
            {"Authorization": f"bearer {key}"},
            {"Authorization": f"Basic {basic}"},
            {"X-API-Key": key},
        ):
            answer = self.ask("/teams", who=None, headers=headers)
            self.assertEqual(answer.status_code, 200)

    def test_two_different_keys_are_none(self):
        headers = {"X-API-Key": self.keys["user"]}
        self.assertProblem(self.ask("/teams", headers=headers), "unauthorized")

    def test_a_neutralized_copy_takes_no_key_of_the_original(self):
        """Neither ours nor a token from one, nor Odoo's where the settings allow it."""
        token = self._token(self.keys["user"]).json()["token"]
        self.env["ir.config_parameter"].set_param("kpi_base.api_global_keys", "True")
        credentials = (self.keys["user"], token, self._odoo_key())
        for credential in credentials:
            answer = self.ask("/teams", who=None, key=credential)
            self.assertEqual(answer.status_code, 200)
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()
        for credential in credentials:
            answer = self.ask("/teams", who=None, key=credential)
            self.assertProblem(answer, "unauthorized")

    def test_keys_that_do_not_work_get_one_answer(self):
        """Unknown, damaged, expired, archived, revoked, from elsewhere, Odoo's own."""
        bodies = set()
        for name, key in self._keys_that_do_not_work().items():
            answer = self.ask("/teams", who=None, key=key)
            with self.subTest(key=name):
                self.assertProblem(answer, "unauthorized")
                self.assertEqual(answer.headers["WWW-Authenticate"], "Bearer")
            bodies.add(answer.text.replace(answer.headers["X-Request-ID"], ""))
        self.assertEqual(len(bodies), 1)

    def test_what_cannot_be_a_key_is_a_failure_like_others(self):
        """Hashes have a longest text, and texts of the database no character NUL."""
        counter = self.env["kpi.api.counter"]
        # What earlier requests to this database have left would fill up meanwhile.
        self.env.cr.execute("DELETE FROM kpi_api_counter")
        for text in ("a" * 5000, "\0abcdefgh", "abcdefgh\0", "é" * 40, "a b"):
            basic = base64.b64encode(f"x:{text}".encode()).decode()
            with self.subTest(key=text[:10]):
                counter._take(self.env.cr, "failure 127.0.0.1", 30, 0.0001)
                before = self._failures_left()
                with self.assertNoLogs("odoo.http", "ERROR"):
                    answer = self.ask(
                        "/teams",
                        who=None,
                        headers={"Authorization": f"Basic {basic}"},
                    )
                self.assertProblem(answer, "unauthorized")
                self.assertLess(self._failures_left(), before)

    def _failures_left(self):
        self.env.cr.execute(
            "SELECT tokens FROM kpi_api_counter WHERE subject = 'failure 127.0.0.1'"
        )
        return self.env.cr.fetchone()[0]

    def _keys_that_do_not_work(self):
        archived = new_test_user(self.env, "api_gone", GROUP % "user")
        self.people["gone"] = archived
        keys = {
            "unknown": UNKNOWN,
            "damaged": self.keys["user"][:-1] + "x",
            "half": self.keys["user"][:8],
            "expired": self._key("admin"),
            "archived": self._key("gone"),
            "revoked": self._key("officer"),
            "elsewhere": self._key("user", allowed_addresses="192.0.2.0/24"),
            "Odoo's": self._odoo_key(),
        }
        archived.active = False
        self._record_of("officer").with_user(self.people["officer"]).action_revoke()
        expired = self._record_of("admin").secret_id
        self.env.cr.execute(
            "UPDATE res_users_apikeys SET expiration_date = now() - interval '1 day'"
            " WHERE id = %s",
            (expired.id,),
        )
        return keys

    def _odoo_key(self):
        secrets = self.env["res.users.apikeys"].with_user(self.people["user"])
        return secrets._generate(None, "All", datetime.now() + timedelta(days=1))

    def test_unknown_keys_take_as_long_as_damaged_ones(self):
        """Each is hashed once, as slowly as the other and with as few statements."""
        damaged = self.keys["user"][:-1] + "x"
        keys = self.env["kpi.api.key"].sudo()
        settings, statements = [], []
        for key in (UNKNOWN, damaged):
            keys._verify_credential(key, "127.0.0.1")  # Odoo's caches are warm
            before = self.cr.sql_log_count
            with patch.object(
                authentication, "KEY_CRYPT_CONTEXT", wraps=KEY_CRYPT_CONTEXT
            ) as hashes:
                self.assertIsNone(keys._verify_credential(key, "127.0.0.1"))
            statements.append(self.cr.sql_log_count - before)
            (call,) = hashes.verify.call_args_list
            # all but salt and digest: the function and its rounds
            settings.append(call.args[1].rsplit("$", 2)[0])
        self.assertEqual(*settings)
        self.assertEqual(*statements)

    def test_odoos_own_keys_work_where_the_settings_allow_them(self):
        key = self._odoo_key()
        self.assertEqual(self._status(key), 401)
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("kpi_base.api_global_keys", True)
        self.assertEqual(self._status(key), 200)
        self.assertProblem(self._token(key), "insufficient-scope")

    def test_a_key_reaches_as_far_as_its_scopes(self):
        key = self._key("officer", scopes=["kpi.read"])
        self.assertEqual(self._status(key), 200)
        body = {"name": "Callers"}
        refused = self.ask("/teams", key=key, json=body, method="POST")
        self.assertProblem(refused, "insufficient-scope")

    def test_scopes_give_no_rights(self):
        """Scope × group: who may found teams in Odoo, with a key that may write."""
        body = {"name": "Callers"}
        for who in ("user", "officer", "admin"):
            for scopes in (["kpi.read"], ["kpi.write"], ["kpi.read", "kpi.write"]):
                key = self._key(who, scopes=scopes)
                answer = self.ask("/teams", key=key, json=body, method="POST")
                may = "kpi.write" in scopes and who != "user"
                with self.subTest(who=who, scopes=scopes):
                    self.assertEqual(answer.status_code, 201 if may else 403)
                read = 200 if "kpi.read" in scopes else 403
                self.assertEqual(self._status(key), read)
                self.env["kpi.team"].search([("name", "=", "Callers")]).unlink()

    def test_a_key_works_from_its_addresses(self):
        for allowed, status in (
            ("127.0.0.1", 200),
            ("192.0.2.1, 127.0.0.0/8", 200),
            ("::1", 401),
        ):
            key = self._key("user", allowed_addresses=allowed)
            self.assertEqual(self._status(key), status, allowed)

    def test_a_key_that_worked_is_looked_at_anew_each_time(self):
        """A worker remembers that a key fits, and nothing else of it."""
        key = self._key("user", allowed_addresses="127.0.0.1")
        self.assertEqual(self._status(key), 200)
        record = self._record_of("user")
        record.allowed_addresses = "192.0.2.1"
        self.assertEqual(self._status(key), 401)
        record.allowed_addresses = False
        self.assertEqual(self._status(key), 200)
        self.assertEqual(self._status(key[:-1] + "x"), 401)
        self.env.cr.execute(
            "UPDATE res_users_apikeys SET key = %s WHERE id = %s",
            (authentication.NO_KEY, record.secret_id.id),
        )
        self.assertEqual(self._status(key), 401)

    def test_addresses_are_checked_when_a_key_is_made(self):
        with self.assertRaisesRegex(UserError, "300.1.1.1"):
            self._key("user", allowed_addresses="127.0.0.1 300.1.1.1")

    def test_a_key_needs_a_scope(self):
        with self.assertRaisesRegex(UserError, "scope"):
            self._key("user", scopes=[])

    def test_a_key_lives_no_longer_than_odoo_allows(self):
        with self.assertRaisesRegex(UserError, "days"):
            self._key("user", days=400)

    def test_the_text_of_a_key_is_kept_nowhere(self):
        key = self.keys["user"]
        self.env.cr.execute("SELECT key FROM res_users_apikeys")
        self.assertFalse([row for row in self.env.cr.fetchall() if key in row[0]])
        record = self._record_of("user").with_user(self.people["user"])
        self.assertNotIn(key, str(record.read()))

    def test_a_successor_leaves_the_old_key_some_hours(self):
        old = self._record_of("user").with_user(self.people["user"])
        wizard = self._wizard(replaced_id=old.id, overlap_hours=2)
        self.assertEqual(wizard.scope_ids, old.scope_ids)
        new = self._made(wizard)
        self.assertEqual(
            (self._status(self.keys["user"]), self._status(new)), (200,) * 2
        )
        left = old.expires_at - datetime.now()
        self.assertLess(abs(left - timedelta(hours=2)), timedelta(minutes=1))

    def _wizard(self, **values):
        wizards = self.env["kpi.api.key.wizard"].with_user(self.people["user"])
        return wizards.create({"name": "New", **values})

    def _made(self, wizard):
        """The key that the dialog shows, behind the question for the password."""
        action = type(wizard).action_make_key.__wrapped__(wizard)
        return action["context"]["default_key"]

    def test_nobody_makes_a_successor_for_others(self):
        wizard = self._wizard().with_user(self.people["admin"]).sudo()
        wizard.replaced_id = self._record_of("officer")
        with self.assertRaisesRegex(UserError, "one of your own keys"):
            self._made(wizard)

    def test_making_a_key_asks_for_the_password(self):
        action = self._wizard().action_make_key
        with self.assertRaisesRegex(UserError, "HTTP"):  # there alone one can be asked
            action()

    def test_a_key_is_revoked_by_its_owner_and_administrators(self):
        for who in ("user", "admin"):
            key = self._key("user")
            self.assertEqual(self._status(key), 200)
            record = self._record_of("user")
            record.with_user(self.people[who]).action_revoke()
            self.assertEqual(self._status(key), 401)
            self.assertEqual(record.state, "revoked")
        with self.assertRaises(AccessError):
            self._record_of("user").with_user(self.people["officer"]).action_revoke()

    def test_the_last_use_of_a_key_is_known(self):
        self.ask("/teams", who="user")
        record = self._record_of("user")
        self.assertLess(datetime.now() - record.last_used_at, timedelta(minutes=1))
        self.assertEqual(record.last_address, "127.0.0.1")

    def test_more_requests_than_allowed_wait(self):
        self._record_of("user").requests_per_minute = 3
        answers = [self.ask("/teams", who="user") for _n in range(4)]
        self.assertEqual([a.status_code for a in answers], [200, 200, 200, 429])
        self.assertProblem(answers[-1], "too-many-requests")
        self.assertIn(int(answers[-1].headers["Retry-After"]), range(1, 21))
        self.assertEqual(self._status(self.keys["officer"]), 200)

    def test_a_daily_quota_is_kept(self):
        self._record_of("user").requests_per_day = 2
        statuses = [self._status(self.keys["user"]) for _n in range(3)]
        self.assertEqual(statuses, [200, 200, 429])

    def test_an_address_that_fails_often_waits_and_good_keys_work_on(self):
        counter = self.env["kpi.api.counter"]
        for _n in range(30):
            counter._take(self.env.cr, "failure 127.0.0.1", 30, 0.5)
        answer = self.ask("/teams", who=None, key=UNKNOWN)
        self.assertProblem(answer, "too-many-requests")
        self.assertEqual(self._status(self.keys["user"]), 200)

    def _token(self, key, **body):
        path = f"{self.base_url()}/api/kpi/token"
        headers = {"Authorization": f"Bearer {key}"}
        self.env.flush_all()
        answer = self.url_open(path, json=body, method="POST", headers=headers)
        self.env.invalidate_all()
        return answer

    def test_a_token_has_some_of_the_scopes_of_its_key(self):
        made = self._token(self.keys["officer"], scopes=["kpi.read"], minutes=5).json()
        self.assertEqual(made["scopes"], ["kpi.read"])
        self.assertEqual(self._status(made["token"]), 200)
        body = {"name": "Callers"}
        refused = self.ask("/teams", key=made["token"], json=body, method="POST")
        self.assertProblem(refused, "insufficient-scope")

    def test_a_token_reaches_no_further_than_its_key(self):
        key = self._key("officer", scopes=["kpi.read"])
        answer = self._token(key, scopes=["kpi.write"])
        self.assertProblem(answer, "insufficient-scope")

    def test_no_token_is_made_from_a_token(self):
        token = self._token(self.keys["officer"]).json()["token"]
        self.assertProblem(self._token(token), "insufficient-scope")

    def test_a_token_ends_with_its_key_and_its_time(self):
        key = self._key("officer")
        token = self._token(key, minutes=5).json()["token"]
        with freeze_time(datetime.now() + timedelta(minutes=6)):
            keys = self.env["kpi.api.key"].sudo()
            self.assertIsNone(keys._verify_credential(token, "127.0.0.1"))
        self._record_of("officer").with_user(self.people["officer"]).action_revoke()
        self.assertEqual(self._status(token), 401)

    def test_a_token_that_was_changed_is_none(self):
        token = self._token(self.keys["officer"]).json()["token"]
        version, end, rest = token[:1], token[1:12], token[12:]
        forged = (f"{version}{end}{rest[:-4]}xxxx", f"{version}{'x' * 11}{rest}")
        for text in (*forged, f"{token}x", f"x{token}", token[:60], version, ".."):
            self.assertEqual(self._status(text), 401)

    def test_the_answer_with_a_token_is_not_kept(self):
        answer = self._token(self.keys["officer"])
        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_a_key_is_given_scopes_by_the_dialog_only(self):
        record = self._record_of("user").with_user(self.people["user"])
        scopes = self.env["kpi.api.scope"].search([("code", "=", "kpi.write")])
        with self.assertRaises(AccessError):
            record.scope_ids = [Command.set(scopes.ids)]
