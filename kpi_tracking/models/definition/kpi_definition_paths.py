import re

from odoo import api, models
from odoo.exceptions import ValidationError

# Besides what is technical: messages, which a filter on their text would read aloud.
TECHNICAL_MODELS = ("base_import.", "bus.", "discuss.", "ir.", "mail.m", "mail.n")
# What opens doors or moves money, by the names that Odoo and its apps give to it.
SECRET_FIELD = re.compile(
    r"(?:^|_)(?:acc_number|api_?key|iban|passw(?:or)?d|pin|private_key|secret|token)"
    r"(?:_|$)"
)
SECRET_MODEL = re.compile(
    r"(?:^|[._])(?:api_?keys?|credentials?|partner\.bank|secrets?|tokens?|totp)(?:[._]|$)"
)


class KpiDefinition(models.Model):
    """Models and fields that a KPI may read, by path: stored, readable, no secrets."""

    _inherit = "kpi.definition"

    def _has_path(self, path):
        """Return whether the model stores ``path`` and the user may read it."""
        self.ensure_one()
        try:
            # Fields are proposed by a computation, which runs as superuser.
            self.sudo(False)._path_end(path)
        except ValidationError:
            return False
        return True

    def _records_model(self):
        """The model of the records, as the current user.

        :raises ValidationError: it is not installed or must not be measured
        """
        self.ensure_one()
        name = self.model_name
        if not name:
            raise ValidationError(
                self.env._("%s, Records: choose what is counted.", self.name)
            )
        if name not in self.env:
            raise ValidationError(
                self.env._(
                    "%(kpi)s, Records: “%(model)s” is not installed.",
                    kpi=self.name,
                    model=name,
                )
            )
        model = self.env[name]
        if model._abstract or model._transient or not self._is_measurable(name):
            raise ValidationError(
                self.env._(
                    "%(kpi)s, Records: “%(model)s” cannot be measured. Choose a"
                    " business document.",
                    kpi=self.name,
                    model=name,
                )
            )
        return model

    @api.model
    def _is_measurable(self, name):
        """Return whether the model ``name`` holds business: not technical, no secrets.

        Our own models say it themselves, by ``_kpi_measurable``; so can others.
        """
        model = self.env.registry[name]
        is_key = issubclass(model, self.env.registry["res.users.apikeys"])
        if is_key or name.startswith(TECHNICAL_MODELS) or SECRET_MODEL.search(name):
            return False
        if model._kpi_measurable is None:
            return not name.startswith("kpi.")
        return model._kpi_measurable

    @api.model
    def _is_reachable(self, name):
        """Return whether paths may lead to the model ``name``: also to KPI teams."""
        return name == "kpi.team" or self._is_measurable(name)

    def _path_end(self, path, label=""):
        """The field at the end of a dotted ``path``; every step stored and readable.

        :raises ValidationError: naming the step that does not exist, is not stored
            or must not be read by the current user
        """
        model = self._records_model()
        if not path:
            raise ValidationError(
                self.env._(
                    "%(kpi)s, %(field)s: choose a field of %(model)s.",
                    kpi=self.name,
                    field=label,
                    model=model._description,
                )
            )
        *steps, last = path.split(".")
        for step in steps:
            field = self._path_step(model, step, path, label)
            if field.type != "many2one":
                raise ValidationError(
                    self.env._(
                        "%(kpi)s, %(field)s: “%(step)s” in “%(path)s” does not lead"
                        " to one record.",
                        kpi=self.name,
                        field=label,
                        step=step,
                        path=path,
                    )
                )
            model = self.env[field.comodel_name]
        return self._path_step(model, last, path, label)

    def _path_step(self, model, step, path, label):
        reason = self._get_step_refusal(model, step, path)
        if reason:
            raise ValidationError(
                self.env._(
                    "%(kpi)s, %(field)s: %(reason)s",
                    kpi=self.name,
                    field=label,
                    reason=reason,
                )
            )
        return model._fields[step]

    def _get_step_refusal(self, model, step, path):
        """Return why a KPI cannot show the field ``step`` of ``model``, or empty."""
        field = model._fields.get(step)
        words = {"step": step, "model": model._description}
        stored = field and (field.store or self._is_joined(model, field))
        if not stored or field.type in ("binary", "properties"):
            return self.env._(
                "“%(step)s” in “%(path)s” is not a stored field of %(model)s.",
                path=path,
                **words,
            )
        if _is_secret(field):
            return self.env._(
                "“%(step)s” of %(model)s is confidential and cannot be used in a KPI.",
                **words,
            )
        if field.company_dependent and not self.company_id:
            return self.env._(
                "each company has its own “%(step)s” of %(model)s. Give the KPI a"
                " company.",
                **words,
            )
        if field.relational and not self._is_reachable(field.comodel_name):
            return self.env._(
                "“%(step)s” of %(model)s leads to %(comodel)s, which cannot be "
                "used in a KPI.",
                comodel=self.env[field.comodel_name]._description,
                **words,
            )
        if not (model.has_access("read") and model._has_field_access(field, "read")):
            return self.env._(
                "you do not have access to “%(step)s” of %(model)s, so a KPI "
                "cannot use it.",
                **words,
            )
        return ""

    @api.model
    def _is_joined(self, model, field):
        """Return whether joins can read a related field: by single records alone."""
        if not field.related or not field.compute_sudo:
            return False
        *steps, last = field.related.split(".")
        for step in steps:
            if model._fields[step].type != "many2one":
                return False
            model = self.env[model._fields[step].comodel_name]
        end = model._fields[last]
        return end.store or self._is_joined(model, end)


def _is_secret(field):
    """Return whether values of ``field`` are secrets, or lead to them."""
    if field.relational:
        return bool(SECRET_MODEL.search(field.comodel_name))
    return bool(
        SECRET_MODEL.search(field.model_name)
        or (field.type in ("char", "text") and SECRET_FIELD.search(field.name))
    )
