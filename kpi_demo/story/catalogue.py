"""The KPIs of Nordwind Components: what is measured and for whom."""

from dataclasses import dataclass

from .facts import load


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
    companies: tuple[str, ...] = ("de", "us")
    departments: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    ambition: float | None = 0.1
    goal: tuple[float, float] | None = None
    working_hours: str | None = None
    tags: tuple[str, ...] = ()


FACTS = {
    group: [Kpi(**row) for row in rows] for group, rows in load("catalogue").items()
}
FORMULA_KPIS = FACTS.pop("formula_kpis")
CATALOGUE = [kpi for kpis in FACTS.values() for kpi in kpis]
