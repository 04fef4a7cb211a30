from odoo.tests import TransactionCase, new_test_user, tagged

from ...models.rating_rating import forget_names

NAMES = ("res_name", "parent_res_name", "display_name")


@tagged("post_install", "-at_install")
class TestRatingRating(TransactionCase):
    """Each employee reads, searches and groups all ratings: they name none of ours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = new_test_user(cls.env, "ratings-stranger", "base.group_user")
        cls.reader = new_test_user(
            cls.env, "ratings-reader", "kpi_base.kpi_base_group_user"
        )
        cls.scope = cls.env["kpi.api.scope"].search([], limit=1)
        cls.ratings = cls.env["rating.rating"]

    def _values_of(self, record):
        model_id = self.env["ir.model"]._get_id(record._name)
        values = {"res_model": record._name, "res_id": record.id}
        parent = {f"parent_{name}": value for name, value in values.items()}
        return {
            **values,
            **parent,
            "res_model_id": model_id,
            "parent_res_model_id": model_id,
        }

    def test_the_form_of_a_rating_names_no_record_of_ours(self):
        for model in self.env.values():
            if not model._name.startswith("kpi.") or not model._auto:
                continue
            record = model.search([], limit=1) or model.browse(1)
            with self.subTest(model._name):
                answer = self.ratings.with_user(self.stranger).onchange(
                    self._values_of(record), ["res_id"], dict.fromkeys(NAMES, {})
                )
                names = {answer["value"].get(name) or "" for name in NAMES}
                self.assertLessEqual(names, {"", f"{record._name}/{record.id}"})

    def _rate(self, record):
        """As whoever may read the record does."""
        rating = self.ratings.create(self._values_of(record))
        rating.parent_res_model_id = self.env["ir.model"]._get(record._name)
        rating.parent_res_id = record.id
        self.env.flush_all()
        return rating

    def _find_by_name(self, record):
        ratings = self.ratings.with_user(self.stranger)
        domains = ([(name, "ilike", record.display_name)] for name in NAMES)
        return [found for domain in domains if (found := ratings.search(domain))]

    def test_a_stored_rating_names_no_record_of_ours(self):
        rating = self._rate(self.scope)
        own = rating.with_user(self.stranger)
        text = f"kpi.api.scope/{self.scope.id}"
        self.assertEqual([own[name] for name in NAMES], [text] * len(NAMES))
        self.assertFalse(self._find_by_name(self.scope))

    def test_the_link_names_the_record_to_who_may_read_it(self):
        rating = self._rate(self.scope)
        wanted = {"resource_ref": {"fields": {"display_name": {}}}}
        for user, is_named in ((self.reader, True), (self.stranger, False)):
            with self.subTest(user=user.login):
                (answer,) = rating.with_user(user).web_read(wanted)
                named = self.scope.display_name in str(answer)
                self.assertEqual(named, is_named)

    def test_names_stored_before_are_taken_away(self):
        rating = self._rate(self.scope)
        self.env.cr.execute(
            "UPDATE rating_rating SET res_name = %s, parent_res_name = %s"
            " WHERE id = %s",
            [self.scope.display_name, self.scope.display_name, rating.id],
        )
        self.env.invalidate_all()
        self.assertTrue(self._find_by_name(self.scope))
        forget_names(self.env)
        self.assertFalse(self._find_by_name(self.scope))

    def test_other_records_are_named_as_before(self):
        partner = self.env["res.partner"].create({"name": "Café Vogt"})
        rating = self._rate(partner)
        self.assertEqual([rating[name] for name in NAMES], ["Café Vogt"] * len(NAMES))
