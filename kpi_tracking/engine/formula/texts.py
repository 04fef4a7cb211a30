"""Words for people: English here, in the reader's language where they are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Text:
    """A sentence as a template and what fills its placeholders, perhaps texts again.

    As a string it is English.
    """

    template: str
    parameters: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return self.translate_with(str)

    def translate_with(self, translate: Callable[[str], str]) -> str:
        """The text in another language.

        :param translate: gives the template in that language, placeholders unchanged
        """
        template = translate(self.template)
        if not self.parameters:
            return template
        return template % {
            name: value.translate_with(translate) if isinstance(value, Text) else value
            for name, value in self.parameters.items()
        }


def _lt(template: str, **parameters: object) -> Text:
    """A text; under this name Odoo collects templates for its translators."""
    return Text(template, parameters)


def sentences(texts: Iterable[Text], translate: Callable[[str], str] = str) -> str:
    """Texts one after the other."""
    return " ".join(text.translate_with(translate) for text in texts)
