"""A clock that a test stops is stopped in each module, and goes on afterwards."""

import datetime
import sys
import time
from types import ModuleType
from unittest.mock import patch

from odoo.tests import BaseCase, freeze_time


class TestClocks(BaseCase):
    def setUp(self):
        super().setUp()
        self.enterContext(patch.dict(sys.modules))

    def _load(self, name):
        """A module that takes its clocks as it is loaded."""
        module = ModuleType(name)
        module.time, module.date = time.time, datetime.date
        sys.modules[name] = module
        return module

    def test_modules_that_were_loaded_before_meanwhile_and_anew(self):
        real = time.time, datetime.date
        before = self._load("kpi_clock_before")
        with freeze_time("2020-02-02"):
            meanwhile = self._load("kpi_clock_meanwhile")
            for module in (before, meanwhile):
                self.assertEqual(module.date.today().year, 2020)
                self.assertEqual(module.date.fromtimestamp(module.time()).year, 2020)
        for module in (before, meanwhile):
            self.assertEqual((module.time, module.date), real)

        anew = self._load("kpi_clock_before")
        with freeze_time("2021-02-02"):
            self.assertEqual(anew.date.today().year, 2021)
            self.assertEqual(meanwhile.date.today().year, 2021)
        self.assertEqual((anew.time, anew.date), real)
