"""People who work at Nordwind Components, and their places of work."""

from dataclasses import dataclass

DEPARTMENTS = (  # key, name, key of the department above; the key names the company
    ("de_commercial", "Commercial", None),
    ("de_sales", "Sales", "de_commercial"),
    ("de_field", "Field Sales", "de_sales"),
    ("de_inside", "Inside Sales", "de_sales"),
    ("de_property", "Property", "de_sales"),
    ("de_marketing", "Marketing", "de_commercial"),
    ("de_operations", "Operations", None),
    ("de_delivery", "Delivery", "de_operations"),
    ("de_projects", "Customer Projects", "de_delivery"),
    ("de_install", "Installation", "de_delivery"),
    ("de_support", "Support", "de_operations"),
    ("de_services", "Corporate Services", None),
    ("de_finance", "Finance", "de_services"),
    ("de_hr", "Human Resources", "de_services"),
    ("us_commercial", "Commercial Americas", None),
    ("us_sales", "Sales Americas", "us_commercial"),
    ("us_east", "Sales East", "us_sales"),
    ("us_west", "Sales West", "us_sales"),
    ("us_marketing", "Marketing Americas", "us_commercial"),
    ("us_operations", "Operations Americas", None),
    ("us_delivery", "Delivery Americas", "us_operations"),
    ("us_support", "Support Americas", "us_operations"),
    ("us_services", "Corporate Services Americas", None),
    ("us_finance", "Finance Americas", "us_services"),
    ("us_hr", "Human Resources Americas", "us_services"),
)
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


ROLES = (
    Role("Henrik Nord", "de_services", "Managing Director", heads=True, oversees=True),
    Role("Katharina Lorenz", "de_commercial", "Chief Commercial Officer", heads=True),
    Role("Jonas Keller", "de_sales", "Head of Sales", heads=True, login="demo.manager"),
    Role("Maren Petersen", "de_field", "Team Lead", heads=True, skill=1.15),
    Role("Anna Berg", "de_field", "Account Manager", login="demo.employee", skill=1.2),
    Role("Lukas Hoffmann", "de_field", "Account Manager", skill=0.8),
    Role("Paul Schröder", "de_field", "Account Manager"),
    Role(
        "Erik Lindqvist",
        "de_field",
        "International Accounts",
        also="us_east",
        skill=1.1,
    ),
    Role("Miriam Vogel", "de_inside", "Team Lead", heads=True, skill=1.1),
    Role("Nina Brandt", "de_inside", "Sales Representative"),
    Role(
        "Felix Krause",
        "de_inside",
        "Sales Representative",
        moves=(0.5, "de_field"),
        skill=1.1,
    ),
    Role("Lea Winter", "de_inside", "Sales Representative", skill=0.75),
    Role("Tim Albrecht", "de_inside", "Sales Representative", joins=0.33, skill=0.9),
    Role(
        "Charlotte Brandis",
        "de_property",
        "Team Lead",
        heads=True,
        login="demo.deals",
        skill=1.2,
    ),
    Role("Marius Albers", "de_property", "Broker", login="demo.agent", skill=1.1),
    Role("Fiona Heller", "de_property", "Broker"),
    Role("Karim Aziz", "de_property", "Broker", skill=0.85),
    Role("Ulrike Sander", "de_property", "Broker", joins=0.4),
    Role("Sophie Lang", "de_marketing", "Head of Marketing", heads=True),
    Role("David Roth", "de_marketing", "Campaign Manager"),
    Role("Emma Seidel", "de_marketing", "Content Manager"),
    Role("Stefan Maurer", "de_operations", "Chief Operating Officer", heads=True),
    Role("Birgit Hansen", "de_delivery", "Head of Delivery", heads=True),
    Role("Oliver Franke", "de_projects", "Team Lead", heads=True, skill=1.1),
    Role("Jana Schuster", "de_projects", "Project Engineer", skill=1.15),
    Role("Marco Weiss", "de_projects", "Project Engineer"),
    Role("Yusuf Demir", "de_projects", "Project Engineer", skill=0.85),
    Role("Rolf Neumann", "de_install", "Team Lead", heads=True),
    Role("Piotr Nowak", "de_install", "Technician"),
    Role("Sven Lund", "de_install", "Technician", skill=0.9),
    Role("Ines Falk", "de_support", "Head of Support", heads=True, skill=1.1),
    Role("Ben Kaiser", "de_support", "Support Engineer"),
    Role("Aylin Yilmaz", "de_support", "Support Engineer", skill=1.25),
    Role("Carla Ruiz", "de_support", "Support Engineer", moves=(0.44, "de_projects")),
    Role("Greta Jansen", "de_support", "Support Engineer", skill=0.8),
    Role("Noah Simon", "de_support", "Support Engineer", joins=0.6),
    Role("Martin Stein", "de_finance", "Head of Finance", heads=True),
    Role("Clara Vogt", "de_finance", "Controller", login="demo.officer", oversees=True),
    Role("Petra Busch", "de_finance", "Accountant"),
    Role("Eva Sommer", "de_hr", "Head of Human Resources", heads=True),
    Role("Tom Richter", "de_hr", "Recruiter"),
    Role("Grace Walker", "us_services", "President", heads=True),
    Role("Daniel Brooks", "us_commercial", "Vice President Commercial", heads=True),
    Role("Olivia Reed", "us_sales", "Head of Sales", heads=True),
    Role("Ethan Cole", "us_east", "Team Lead", heads=True, skill=1.1),
    Role("Maya Patel", "us_east", "Account Executive", skill=1.2),
    Role("Jacob Stone", "us_east", "Account Executive", skill=0.85),
    Role("Chloe Nguyen", "us_east", "Account Executive", moves=(0.61, "us_west")),
    Role("Hannah Price", "us_west", "Team Lead", heads=True),
    Role("Lucas Diaz", "us_west", "Account Executive", skill=0.9),
    Role("Ava Morgan", "us_marketing", "Head of Marketing", heads=True),
    Role("Samuel Grant", "us_operations", "Vice President Operations", heads=True),
    Role("Rachel Kim", "us_delivery", "Team Lead", heads=True, skill=1.1),
    Role("Andre Lewis", "us_delivery", "Project Engineer"),
    Role("Victor Chen", "us_delivery", "Project Engineer", skill=0.9),
    Role("Julia Ford", "us_support", "Team Lead", heads=True, skill=1.1),
    Role("Omar Haddad", "us_support", "Support Engineer"),
    Role("Zoe Carter", "us_support", "Support Engineer", joins=0.28, skill=0.9),
    Role("Nathan Hill", "us_finance", "Finance Manager", heads=True),
    Role("Laura Bennett", "us_hr", "Human Resources Manager", heads=True),
)
