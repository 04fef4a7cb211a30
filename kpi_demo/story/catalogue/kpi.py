"""Definition of a KPI of the demo company, and for whom it is tracked."""

from dataclasses import dataclass

SALES = ("de_field", "de_inside", "us_east", "us_west")
SALES_TREE = (
    "de_commercial", "de_sales", "de_field", "de_inside",
    "us_commercial", "us_sales", "us_east", "us_west",
)  # fmt: skip
WORK_TREE = (
    "de_operations", "de_delivery", "de_projects", "de_install", "de_support",
    "us_operations", "us_delivery", "us_support",
)  # fmt: skip
DESKS = ("de_support", "us_support")
COMPANIES = ("de", "us")


@dataclass(frozen=True)
class Kpi:
    """A definition and the scopes it is tracked for.

    :param values: values of the definition
    :param breakdowns: fields by which it is split
    :param companies, departments, teams: keys of those it is tracked for
    :param people: keys of departments whose people it is tracked for
    :param ambition: how much better than before the targets are, 0.1 = 10 %; None =
        no target
    :param goal: lowest and highest good value, where a range is best
    :param working_hours: key of the company whose working hours count
    """

    code: str
    name: str
    category: str
    description: str
    values: dict
    breakdowns: tuple[str, ...] = ()
    companies: tuple[str, ...] = COMPANIES
    departments: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    ambition: float | None = 0.1
    goal: tuple[float, float] | None = None
    working_hours: str | None = None
    tags: tuple[str, ...] = ()
