"""The KPIs of Nordwind Components, as data: what is measured and for whom."""

from .entered import ENTERED_KPIS
from .formulas import FORMULA_KPIS
from .orders import ORDER_KPIS
from .sales import SALES_KPIS
from .work import WORK_KPIS

CATALOGUE = (*SALES_KPIS, *ORDER_KPIS, *WORK_KPIS, *ENTERED_KPIS)
