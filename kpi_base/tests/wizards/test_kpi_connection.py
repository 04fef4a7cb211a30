from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..controllers.shelves import ShelvesCase
from ..user_links import end_connection, find_connection, list_connections

OPEN_AND_END = """
const until = async (find) => {
    for (let tries = 0; tries < 300; tries++) {
        const found = find();
        if (found) {
            return found;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`not found: ${find}`);
};
const one = (selector) => until(() => document.querySelector(selector));
(async () => {
    for (const place of [
        ".o_user_menu button.dropdown-toggle, button.o_user_menu",
        "[data-menu=preferences]",
        "a.nav-link[name=page_security]",
        "button[name=action_kpi_connections]",
        ".o_data_row button[name=action_end]",
        ".modal-footer .btn-primary",
    ]) {
        (await one(place)).click();
    }
    await until(() => !document.querySelector(".modal, .o_data_row"));
    await one(".o_view_nocontent");
    console.log("test successful");
})();
"""


@tagged("post_install", "-at_install")
class TestKpiConnection(ShelvesCase):
    """Everybody finds what connects them, and ends it."""

    def _status(self, name):
        return self.ask("/teams", who=name).status_code

    def _rows(self, name):
        connections = self.env["kpi.connection"].with_user(self.people[name])
        return list_connections(connections, connections.action_open_mine())

    def test_a_key_that_was_ended_opens_nothing(self):
        self.assertEqual(self._status("user"), 200)
        key = self._record_of("user")
        row = find_connection(self, key, self.people["user"])
        self.assertEqual((row.kind, row.name), ("API Key", "Key of user"))
        self.assertEqual(row.last_used_at, key.last_used_at)
        end_connection(self, key, self.people["user"])
        self.assertEqual(self._status("user"), 401)
        self.assertEqual(self._status("officer"), 200)

    def test_reading_the_list_again_writes_nothing(self):
        self._key("user")
        self._rows("user")
        connections = self.env["kpi.connection"].with_user(self.people["user"])
        action = connections.action_open_mine()
        self.env.flush_all()
        writes, refresh = [], type(connections)._refresh
        looks = []

        def note_write(rows, vals):
            writes.append(vals)

        def note_look(rows):
            looks.append(rows)
            return refresh(rows)

        with (
            patch.object(type(connections), "write", note_write),
            patch.object(type(connections), "_refresh", note_look),
        ):
            list_connections(connections, action)
            self.assertEqual((writes, len(looks)), ([], 1))
            connections.web_read_group(
                action["domain"],
                ["kind"],
                ["__count"],
                auto_unfold=True,
                unfold_read_specification={"name": {}},
            )
        self.assertEqual((writes, len(looks)), ([], 2))

    def test_preferences_and_the_list_lead_to_each_other(self):
        connections = self.env["kpi.connection"].with_user(self.people["user"])
        action = connections.action_open_preferences()
        self.assertEqual(
            (action["res_model"], action["res_id"]),
            ("res.users", self.people["user"].id),
        )

    def test_several_end_at_once(self):
        self._key("user")
        rows = self._rows("user")
        self.assertEqual(len(rows), 2)
        rows.action_end()
        self.assertFalse(self._rows("user"))

    def test_what_has_ended_or_expired_is_not_listed(self):
        key = self._record_of("user")
        self.env.cr.execute(
            "UPDATE res_users_apikeys SET expiration_date = '2020-01-01' WHERE id = %s",
            [key.secret_id.id],
        )
        self.env.invalidate_all()
        self.assertFalse(self._rows("user"))

    def test_an_end_that_comes_second_is_told(self):
        row = find_connection(self, self._record_of("user"), self.people["user"])
        self._record_of("user").with_user(self.people["user"]).action_revoke()
        with self.assertRaisesRegex(UserError, "has already ended"):
            row.action_end()

    def test_nobody_ends_what_connects_others(self):
        """Rows can be made by a call; what they name is looked for at the end."""
        ann, officer = self.people["user"], self.people["officer"]
        key = self._record_of("officer")
        row = find_connection(self, key, officer)
        with self.assertRaises(AccessError):
            row.with_user(ann).action_end()
        with self.assertRaises(AccessError):
            officer.with_user(ann).action_kpi_connections()
        forged = {
            "user_id": ann.id,
            "model": "kpi.api.key",
            "field_name": "user_id",
            "record_id": key.id,
        }
        rows = self.env["kpi.connection"].with_user(ann)
        with self.assertRaisesRegex(UserError, "has already ended"):
            rows.create(forged).action_end()
        with self.assertRaises(AccessError):
            rows.create({**forged, "user_id": officer.id}).action_end()
        self.assertEqual(self._status("officer"), 200)

    def test_administrators_end_what_connects_a_person_who_left(self):
        admin, ann = self.people["admin"], self.people["user"]
        ann.active = False
        action = ann.with_user(admin).action_kpi_connections()
        self.assertIn(ann.name, action["display_name"])
        connections = self.env["kpi.connection"].with_user(admin)
        rows = list_connections(connections, action)
        self.assertEqual(rows.user_id.with_context(active_test=False), ann)
        rows.action_end()
        self.assertEqual(self._record_of("user").state, "revoked")

    def test_a_click_in_the_preferences_ends_a_key(self):
        ann = self.people["user"]
        ann.write({"lang": "en_US", "tz": "UTC"})  # which the form asks for
        own = self.env["kpi.user.link"]._find_connections(ann)
        self.assertEqual([*own.values()], [self._record_of("user")])
        self.browser_js("/odoo", OPEN_AND_END, login=ann.login)
        self.env.invalidate_all()
        self.assertEqual(self._status("user"), 401)
