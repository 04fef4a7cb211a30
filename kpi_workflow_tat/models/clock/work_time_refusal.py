from contextlib import contextmanager

from odoo.exceptions import UserError

from odoo.addons.kpi_base.engine.worktime import WorkTimeError


@contextmanager
def refuse_unknown_times():
    """Say to who acts why no clock can run, as by working hours that have no hour.

    :raises UserError: with the text of the ``WorkTimeError``
    """
    try:
        yield
    except WorkTimeError as error:
        raise UserError(str(error)) from error
