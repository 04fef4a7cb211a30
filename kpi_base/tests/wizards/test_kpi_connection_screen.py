from odoo.tests import tagged

from ..controllers.shelves import ShelvesCase


class ConnectionScreenCase(ShelvesCase):
    """People with keys, and clicks on the lists of them."""

    def setUp(self):
        super().setUp()
        for person in self.people.values():
            person.write({"lang": "en_US", "tz": "UTC"})  # which forms ask for
        self.ann = self.people["user"]

    def _new_keys(self, *names):
        """More keys of the user."""
        for name in names:
            self._key("user")
            self._record_of("user").name = name

    def _assert_all_ended(self):
        self.env.invalidate_all()
        keys = self.env["kpi.api.key"].search([("user_id", "=", self.ann.id)])
        self.assertEqual(set(keys.mapped("state")), {"revoked"})

    def _read_anew(self):
        self._new_keys("Second", "Third", "Fourth")
        tour = "kpi_base.my_connections"
        self.start_tour("/odoo/my-connections", tour, login=self.ann.login)
        self._assert_all_ended()


@tagged("post_install", "-at_install")
class TestKpiConnectionScreen(ConnectionScreenCase):
    """Lists of connections show those of now, and end them by clicks."""

    def test_the_list_is_read_anew(self):
        self._read_anew()

    def test_administrators_end_those_of_a_person(self):
        self._end_as_administrator()

    def test_administrators_end_those_of_a_person_who_left(self):
        self.ann.active = False
        self._end_as_administrator()

    def _end_as_administrator(self):
        admin = self.people["admin"]
        admin.group_ids += self.env.ref("base.group_erp_manager")
        self._new_keys("Second")
        tour = "kpi_base.connections_of_a_person"
        self.start_tour(f"/odoo/users/{self.ann.id}", tour, login=admin.login)
        self._assert_all_ended()


@tagged("post_install", "-at_install")
class TestKpiConnectionPhone(ConnectionScreenCase):
    """The same on a phone, where they are cards."""

    browser_size = "390x844"
    touch_enabled = True

    def test_the_list_is_read_anew(self):
        self._read_anew()
