"""Memberships without an end last to a day by whose year lists can be grouped."""


def migrate(cr, version):
    cr.execute(
        "UPDATE kpi_membership SET date_to = '9998-12-31' WHERE date_to = '9999-12-31'"
    )
