from contextlib import contextmanager

from lxml import etree

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, frozendict, ormcache

from ...engine.approval import content_version
from ..record.base import find_heirs

KEY = "kpi_base.approval"
# Discussions go on while a document waits.
FREE_MODELS = ("mail.thread", "mail.activity.mixin")
LINES = ("one2many", "many2many")
DECIDING = (
    "action_approve",
    "action_choose_successor",
    "action_open_approve",
    "action_open_forward",
    "action_open_reject",
    "action_open_rejection",
    "action_open_return",
    "action_reject",
    "action_return",
)


def name_content(arch):
    """Have the buttons that decide name the content that stands beside them.

    Those for several records read it from the field when they are clicked:
    ``shown_content.js``.
    """
    buttons = arch.xpath("//button[not(ancestor::field)]")
    deciding = [button for button in buttons if button.get("name") in DECIDING]
    for button in deciding:
        if arch.tag == "form" or button.getparent().tag != "header":
            button.set("context", "{'approval_versions': [approval_version]}")
    if deciding:
        add_hidden_field(arch, "approval_version")


def add_hidden_field(arch, name):
    hidden = {"name": name, "invisible": "1"}
    hidden |= {"column_invisible": "1"} if arch.tag == "list" else {}
    arch.insert(0, etree.Element("field", hidden))


def lock_fields(arch, reason, flag, is_locked):
    """Show fields of a form or list read-only where ``reason`` holds, too.

    :param flag: field that ``reason`` asks for
    :param is_locked: function of a field's node
    """
    own = arch.xpath("//field[not(ancestor::field)]")
    for node in filter(is_locked, own):
        before = node.get("readonly")
        node.set("readonly", f"({before}) or {reason}" if before else reason)
    if own and not any(node.get("name") == flag for node in own):
        add_hidden_field(arch, flag)


@contextmanager
def open_for(env, key, names):
    """Let the block change what is held otherwise, by ``names`` noted with the cursor.

    Nothing that comes with a request, such as a context, opens it.

    :param key: of the notes, in the cache of the cursor
    """
    notes = env.cr.cache.setdefault(key, set())
    added = set(names) - notes
    notes |= added
    try:
        yield
    finally:
        notes -= added


class KpiApprovalMixin(models.AbstractModel):
    """Content of a document: its version, and that it stays while it waits."""

    _inherit = "kpi.approval.mixin"

    file_checksums = fields.Char(compute="_compute_file_checksums", exportable=False)

    def _compute_file_checksums(self):
        """Checksums of the files that were handed in; those of messages are not."""
        self.env["ir.attachment"].flush_model()
        query = SQL(
            """
            SELECT res_id, string_agg(coalesce(checksum, 'False'), ' ' ORDER BY id)
              FROM ir_attachment
             WHERE res_model = %s AND res_id = ANY(%s) AND res_field IS NULL
               AND NOT EXISTS (SELECT FROM message_attachment_rel
                                WHERE attachment_id = ir_attachment.id)
          GROUP BY res_id
            """,
            self._name,
            self.ids,
        )
        found = dict(self.env.execute_query(query))
        for document in self:
            document.file_checksums = found.get(document.id, "")

    @api.model
    def default_get(self, fields):
        """Begin the approval of a new document as the code says, not a context."""
        own = self._get_approval_fields().intersection(fields)
        values = super().default_get([name for name in fields if name not in own])
        if "approval_state" in own:
            values["approval_state"] = "none"
        return values

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Add to each field's own reason to be read-only that the document waits.

        Buttons that decide say which content was shown.
        """
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type in ("form", "list", "kanban"):
            name_content(arch)
        if view_type in ("form", "list"):
            free = self._get_free_fields() | self._get_approval_fields()

            def is_locked(node):
                """What nobody may change would be open to change with a reason."""
                name = node.get("name")
                may_change = node.get("readonly") or not self._fields[name].readonly
                return name not in free and may_change

            for reason, flag in self._get_locks().items():
                lock_fields(arch, reason, flag, is_locked)
        return arch, view

    @api.model
    def _get_locks(self):
        """Return when screens show content read-only: reason → field it asks for."""
        return {"approval_state == 'pending'": "approval_state"}

    @api.model_create_multi
    def create(self, vals_list):
        self._check_approval_fields(set().union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        if not self._is_open_pending():
            self._check_approval_fields(vals)
            if vals.keys() - self._get_free_fields():
                self._check_not_pending()
        return super().write(vals)

    def unlink(self):
        if not self._is_open_pending():
            self._check_not_pending()
        return super().unlink()

    @api.model
    def _check_approval_fields(self, names):
        own = self._get_approval_fields().intersection(names)
        if own:
            raise UserError(
                self.env._(
                    "These fields are set by approvals and cannot be changed: %s",
                    ", ".join(
                        self._fields[name]._description_string(self.env)
                        for name in sorted(own)
                    ),
                )
            )

    def _check_not_pending(self):
        """:raises UserError: one of the documents waits for approval, naming it
        :raises AccessError: that one may not be read, nor changed"""
        # Whether it waits stops everybody, whoever may see it.
        pending = self.sudo().filtered(lambda one: one.approval_state == "pending")
        if pending:
            pending.with_env(self.env).check_access("read")
            raise UserError(
                self.env._(
                    "%s is waiting for approval and cannot be changed. Recall it "
                    "first.",
                    pending[:1].display_name,
                )
            )

    @api.model
    @ormcache()
    def _get_approval_fields(self):
        mixin = self.env["kpi.approval.mixin"]
        return frozenset(name for name in mixin._fields if name.startswith("approval_"))

    @api.model
    @ormcache()
    def _get_free_fields(self):
        return frozenset().union(
            *(self.env[name]._fields for name in FREE_MODELS)
        ) - frozenset(self.env["base"]._fields)

    def _is_open_pending(self):
        opened = self.env.cr.cache.get(KEY, ())
        return all((self._name, one) in opened for one in self.ids)

    def _write_pending(self, vals):
        """Write to documents, also while they wait: for the methods of their models."""
        with open_for(self.env, KEY, ((self._name, one) for one in self.ids)):
            self.write(vals)

    def _compute_versions(self, wanted=None):
        """Document → version of its content, as the database has it now.

        :param wanted: as of ``_approval_content``, another content
        """
        wanted = wanted or self._approval_content()
        if all(self._fields[name].store for name in {*wanted} - {"file_checksums"}):
            self.invalidate_recordset(["file_checksums"])
            # What waits is not written, so that what was read of it is stored so.
            written = self.filtered(lambda one: one.approval_state != "pending")
            written.invalidate_recordset(wanted)
            for lines, _path in _list_lines(self, wanted) if written else ():
                self.env[lines].invalidate_model()
        else:  # it may be of any other record
            self.env.invalidate_all()
        # Whoever decides may see less; the version is of everything.
        documents = self.sudo().with_context(active_test=False, lang=None)
        return {
            own: content_version(_read_content(document, wanted))
            for own, document in zip(self, documents, strict=True)
        }

    @api.model
    @ormcache()
    def _get_guarded_lines(self):
        """Model of lines → pairs (model of documents, path to the lines)."""
        found = {}
        for documents in find_heirs(self.env, "kpi.approval.mixin"):
            for model, path in _list_lines(documents, documents._approval_content()):
                found.setdefault(model, []).append((documents._name, path))
        return frozendict({model: tuple(pairs) for model, pairs in found.items()})


class Base(models.AbstractModel):
    """Lines of documents that wait for approval stay as they are."""

    _inherit = "base"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._check_approval_lines()
        return records

    def write(self, vals):
        self._check_approval_lines()
        result = super().write(vals)
        self._check_approval_lines()  # of another document, where they were moved
        return result

    def unlink(self):
        self._check_approval_lines()
        return super().unlink()

    def _check_approval_lines(self):
        lines = self.env["kpi.approval.mixin"]._get_guarded_lines()
        for name, path in lines.get(self._name, ()):
            # They stay as they are, whoever may see their document.
            documents = self.env[name].sudo().with_context(active_test=False)
            documents = documents.search(Domain(path, "in", self.ids))
            if documents:
                # Of a line and a submission at once the second is run again.
                documents._count_turn()
            held = documents.filtered(lambda one: not one._is_open_pending())
            held.with_env(self.env)._check_not_pending()


def _list_lines(records, wanted, path=""):
    """Pairs (model, path) of all lines that ``wanted`` names, theirs included."""
    for name, below in wanted.items():
        field = records._fields[name]
        if below and field.type in LINES:
            lines = records.env[field.comodel_name]
            yield lines._name, f"{path}{name}"
            yield from _list_lines(lines, below, f"{path}{name}.")


def _read_content(record, wanted):
    content = {"id": record.id}
    for name, below in wanted.items():
        value = record[name]
        if not record._fields[name].relational:
            content[name] = value
        elif below:
            content[name] = [_read_content(one, below) for one in value.sorted("id")]
        else:
            content[name] = sorted(value.ids)
    return content
