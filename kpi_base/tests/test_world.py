import sys
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from odoo.tests import TransactionCase, new_test_user, tagged

from .world import NameTaken, _archived, builder, found, keep

LOGIN = "world_ann"


class Harbour:
    """A case that makes a company and a person."""

    calls = []

    @classmethod
    def prepare_database(cls, env):
        cls.calls.append("harbour")

    @classmethod
    def _make_people(cls):
        cls.company = cls.env["res.company"].create({"name": "World Harbour"})
        cls.ann = new_test_user(cls.env, LOGIN, company_id=cls.company.id)


class Quay(Harbour):
    @classmethod
    def prepare_database(cls, env):
        cls.calls.append("quay")


class Broken(Harbour):
    @classmethod
    def prepare_database(cls, env):
        raise ValueError("The quay is closed.")


class OnBroken(Broken):
    @classmethod
    def prepare_database(cls, env):
        cls.calls.append("on broken")


class Twice(Harbour):
    @classmethod
    def prepare_database(cls, env):
        raise NameTaken("kpi_test.harbour_ann is kept twice")


@tagged("post_install", "-at_install")
class TestWorld(TransactionCase):
    """Records that are made once are found by name, and by those who look for them."""

    def setUp(self):
        super().setUp()
        self.enterContext(patch.dict(_archived))

    def _keep(self):
        case = builder(Harbour, self.env)
        case._make_people()
        keep(self.env, "world", company=case.company, ann=case.ann)
        return case.company, case.ann

    def test_what_is_kept_is_archived_until_it_is_found(self):
        company, ann = self._keep()
        self.assertFalse(hasattr(Harbour, "company"))
        self.assertFalse(company.active or ann.active or ann.partner_id.active)
        found(type(self), "world", "company", "ann")
        self.assertTrue(company.active and ann.active and ann.partner_id.active)
        self.assertEqual((self.company, self.ann), (company, ann))
        self.assertEqual((company.name, ann.login), ("World Harbour", LOGIN))

    def test_what_is_archived_does_not_take_names(self):
        self._keep()
        other = builder(Harbour, self.env)
        other._make_people()
        self.assertEqual(other.ann.login, LOGIN)

    def test_two_records_of_one_name_are_refused(self):
        _company, ann = self._keep()
        with self.assertRaisesRegex(NameTaken, "kpi_test.world_ann "):
            keep(self.env, "world", ann=ann)

    def test_a_name_that_nobody_keeps_is_named(self):
        with self.assertRaisesRegex(ValueError, "kpi_test.world_bob"):
            found(type(self), "world", "bob")


@tagged("post_install", "-at_install")
class TestPrepareDatabase(TransactionCase):
    """Cases make their records once, in the order in which they build on each other."""

    def setUp(self):
        super().setUp()
        Harbour.calls.clear()
        self.conftest = sys.modules["conftest"]

    def test_each_case_is_called_once_the_base_first(self):
        self.conftest._prepare_cases([Quay, Harbour, Quay])
        self.assertEqual(Harbour.calls, ["harbour", "quay"])

    def test_a_failure_is_that_of_its_classes_only(self):
        errors = self.conftest._prepare_cases([Broken, OnBroken, Quay])
        self.assertEqual(Harbour.calls, ["harbour", "quay"])
        config = SimpleNamespace(stash={self.conftest.PREPARE_ERRORS: errors})
        for case in (Broken, OnBroken):
            item = SimpleNamespace(cls=case, config=config)
            with self.assertRaisesRegex(ValueError, "The quay is closed"):
                self.conftest.pytest_runtest_setup(item)
        self.conftest.pytest_runtest_setup(SimpleNamespace(cls=Quay, config=config))

    def test_a_name_that_is_taken_ends_the_run(self):
        with self.assertRaisesRegex(pytest.UsageError, "kpi_test.harbour_ann"):
            self.conftest._prepare_cases([Twice])
