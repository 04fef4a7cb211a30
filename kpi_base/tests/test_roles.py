import re
from pathlib import Path

from odoo.modules import get_module_path
from odoo.tests import TransactionCase

from .. import roles


class TestRoles(TransactionCase):
    def test_each_is_a_group(self):
        for name in ("USER", "MANAGER", "OFFICER", "ADMIN"):
            with self.subTest(name):
                self.assertEqual(self.env.ref(getattr(roles, name))._name, "res.groups")

    def test_nobody_spells_them_again(self):
        """XML has no other way; migrations name what was there in their day."""
        spelled = re.compile(r"kpi_base_group_(user|manager|officer|admin)\b")
        addons = Path(get_module_path("kpi_base")).parent
        again = [
            str(path.relative_to(addons))
            for path in sorted(addons.glob("kpi_*/**/*.py"))
            if not {"tests", "migrations"} & set(path.parts)
            and path.name != "roles.py"
            and spelled.search(path.read_text())
        ]
        self.assertEqual(again, [])
