"""People who work at Nordwind Components, and their places of work."""

from dataclasses import dataclass

from .facts import load

FACTS = load("cast")
# key, name, key of the department above; the key names the company
DEPARTMENTS = FACTS["departments"]
SALES_TEAMS = {  # key of the department whose people make the team → name
    "de_field": "Field Sales EMEA",
    "de_inside": "Inside Sales EMEA",
    "us_east": "Sales East",
    "us_west": "Sales West",
}


@dataclass(frozen=True)
class Role:
    """A person and the departments the person works in.

    :param department: key of the first department
    :param heads: the person manages this department
    :param login: user name, if it is not made from the name
    :param joins: share of the story after which the person joins; 0 = was there
    :param moves: (share of the story, key of the next department), if the person moves
    :param also: key of a department of the other company that employs the person too
    :param oversees: the person works for one company and sees both
    :param skill: how well the person does, 1 = average
    """

    name: str
    department: str
    job: str
    heads: bool = False
    login: str | None = None
    joins: float = 0.0
    moves: tuple[float, str] | None = None
    also: str | None = None
    oversees: bool = False
    skill: float = 1.0


ROLES = [Role(**row) for row in FACTS["roles"]]
