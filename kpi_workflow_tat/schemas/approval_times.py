from typing import Literal

from odoo.addons.kpi_base.schemas.base import Body, GivenDay, Id, Nothing

from .process_map import RequestOptions
from .request import Priority

Period = Literal[
    "this_month", "last_month", "last_3_months", "this_year", "last_12_months", "custom"
]


class TimesOptions(RequestOptions):
    """What the page *Approval Times* is about; its days count only if they are custom.

    :ivar period: as in the filters of reports
    """

    period: Period = "last_3_months"


class TimesPart(Body):
    """Part of a list behind the page.

    :ivar month: a day of the month in which they became overdue
    """

    approver_id: Id | Nothing = None
    company_id: Id | Nothing = None
    month: GivenDay | Nothing = None
    priority: Priority | Nothing = None
