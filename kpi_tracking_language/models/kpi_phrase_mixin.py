from odoo import api, models

from ..engine.insight import get_sentences


class KpiPhraseMixin(models.AbstractModel):
    """What is said in sentences of ``engine/sentences/``."""

    _name = "kpi.phrase.mixin"
    _description = "KPI Phrases"

    @api.model
    def _phrase(self, kind, **words):
        """A sentence, in the user's language: ``self._phrase("value", kpi=name, …)``.

        :param words: what stands in its braces
        """
        return get_sentences(self.env.lang or "en_US")[kind].format_map(words)
