from dataclasses import dataclass, field

from odoo import api, models
from odoo.exceptions import ValidationError

from ...engine import pack

STATES = [
    ("new", "New"),
    ("changed", "Changed"),
    ("equal", "Unchanged"),
    ("impossible", "Cannot be imported"),
]


@dataclass
class PackItem:
    """An entry of a pack beside what is here.

    :ivar section: name of the section
    :ivar identity: what tells it from the others of its section
    :ivar state: one of ``STATES``
    :ivar changes: key by key where it differs
    :ivar reason: why it cannot be imported
    :ivar notes: what of it is left out, as something is not known here
    """

    section: str
    identity: tuple
    label: str
    state: str
    changes: list = field(default_factory=list)
    reason: str = ""
    notes: list = field(default_factory=list)


class KpiPack(models.AbstractModel):
    """Definitions and what belongs to them, to be carried to another database.

    What a pack can hold are its sections: models that inherit ``kpi.pack.section``.
    Addons add theirs to ``_section_models``.
    """

    _name = "kpi.pack"
    _description = "KPI Pack"

    @api.model
    def _section_models(self):
        """Names of the sections' models; later ones refer to earlier ones."""
        return [
            "kpi.pack.definitions",
            "kpi.pack.targets",
            "kpi.pack.scorecards",
        ]

    @api.model
    def _sections(self):
        return [self.env[name] for name in self._section_models()]

    @api.model
    def _read(self, text):
        """The document of a pack file.

        :raises ValidationError: naming each problem and its position
        """
        schemas = [section._schema() for section in self._sections()]
        try:
            return pack.read(text, schemas)
        except pack.PackError as error:
            problems = [
                problem.translate_with(self.env._) for problem in error.problems
            ]
            raise ValidationError("\n".join(problems)) from error

    @api.model
    def _build_pack_text(self, definitions, name, without=()):
        """The text of a pack with ``definitions`` and what belongs to them.

        :param without: names of sections to leave out
        """
        definitions.check_access("read")
        rows = {
            section._pack_section: section._export_entries(definitions)
            for section in self._sections()
            if section._pack_section not in without
        }
        return pack.write(name, rows)

    @api.model
    def _preview(self, document, company):
        """Preview an import: each entry is tried, and all of it rolled back.

        :return: list of ``PackItem``, in the order of the import
        """
        savepoint = self.env.cr.savepoint()
        try:
            return list(self._try_import(document, company))
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)

    def _try_import(self, document, company):
        """The items, each saved where that is possible."""
        for section in self._in(company)._sections():
            for entry in section._sort_entries(document.get(section._pack_section, [])):
                yield section._try_entry(entry, company)

    @api.model
    def _import(self, document, company, wanted=None):
        """Create and change what the document says, all of it or nothing.

        :param wanted: set of (section, identity); default: everything
        :return: dict section → records
        :raises UserError: naming the entry that cannot be imported
        """
        result = {}
        with self.env.cr.savepoint():
            for section in self._in(company)._sections():
                name = section._pack_section
                chosen = [
                    entry
                    for entry in section._sort_entries(document.get(name, []))
                    if wanted is None or (name, section._identity(entry)) in wanted
                ]
                result[name] = section._save_entries(chosen, company)
        return result

    @api.model
    def _labels(self, name):
        """Key → what the screens call it, for the section ``name``."""
        (section,) = [each for each in self._sections() if each._pack_section == name]
        model = self.env[section._pack_model]
        return {
            key: model._fields[key]._description_string(self.env)
            for key in section._schema().keys
            if key in model._fields
        }

    def _in(self, company):
        """Records belong to the company that the pack is imported into."""
        return self.with_company(company).with_context(tracking_disable=True)
