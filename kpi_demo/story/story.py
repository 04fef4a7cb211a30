from dataclasses import dataclass, field
from random import Random

from .timeline import Timeline

SEED = "Nordwind Components"


@dataclass
class Story:
    """State that the chapters of the demo company share: time, chance, records by name.

    :param env: environment in which nothing is tracked and nobody gets mail
    :param records: name → record, such as ``company_de`` or ``department_us_east``
    """

    env: object
    timeline: Timeline
    records: dict = field(default_factory=dict)
    people: list = field(default_factory=list)

    def rng(self, chapter: str) -> Random:
        """Chance of one chapter: the same in every run, whatever others draw."""
        return Random(f"{SEED}/{chapter}")

    def __getitem__(self, name: str):
        return self.records[name]

    def keep(self, name: str, record):
        """Remember ``record`` by ``name`` and as external id ``kpi_demo.<name>``."""
        self.records[name] = record
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": f"kpi_demo.{name}",
                    "record": record,
                    "noupdate": True,
                }
            ]
        )
        return record
