"""Who comes second reads a sentence, not what the database or Odoo calls it."""

import pytest


def test_a_record_that_somebody_else_changes(registry, commit):
    from odoo import SUPERUSER_ID, api
    from odoo.exceptions import LockError

    partner_id = commit(lambda env: env["res.partner"].create({"name": "A"}).id)
    with registry.cursor() as first, registry.cursor() as second:
        one, other = (
            api.Environment(cr, SUPERUSER_ID, {})["res.partner"].browse(partner_id)
            for cr in (first, second)
        )
        one.lock_for_update()
        with pytest.raises(LockError, match=r"Someone else .* record \(Contact\)"):
            other.lock_for_update()
        first.rollback()
        other.lock_for_update()
