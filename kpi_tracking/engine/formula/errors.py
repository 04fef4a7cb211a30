"""Reasons to refuse a formula, in words for the KPI's owner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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


class FormulaError(ValueError):
    """A formula that cannot be used: what is wrong, where, what to do.

    As a string it is English; ``translate_with`` says it in the reader's language.
    """

    def __init__(
        self,
        text: Text,
        column: int | None = None,
        line: int = 1,
        hints: Sequence[Text] = (),
    ) -> None:
        """
        :param column: position in the line, from 1; None for all of a formula
        :param line: line of the formula, from 1
        :param hints: further sentences that help
        """
        self.texts = (text, *hints)
        self.column = column
        self.line = line
        self.message = sentences(self.texts)
        super().__init__(self.translate_with(str))

    def translate_with(
        self, translate: Callable[[str], str], *, has_lines: bool = False
    ) -> str:
        """Position and message in another language.

        :param translate: gives a template in that language, placeholders unchanged
        :param has_lines: the formula has several: name also the first
        """
        message = sentences(self.texts, translate)
        if self.column is None:
            return message
        position = {"line": self.line, "column": self.column, "message": message}
        if has_lines or self.line > 1:
            text = _lt("Line %(line)s, column %(column)s: %(message)s", **position)
        else:
            text = _lt("Column %(column)s: %(message)s", **position)
        return text.translate_with(translate)


class CycleError(FormulaError):
    """Formulas that need one another: none of them can be computed first."""

    def __init__(
        self, path: tuple[str, ...], column: int | None = None, line: int = 1
    ) -> None:
        """
        :param path: the codes along the cycle, the first one again at the end
        """
        self.path = path
        super().__init__(
            _lt(
                "Circular reference: %(path)s. Remove one of these KPIs from "
                "another's formula.",
                path=" → ".join(path),
            ),
            column,
            line,
        )


def _lt(template: str, **parameters: object) -> Text:
    """A text; under this name Odoo collects templates for its translators."""
    return Text(template, parameters)


def sentences(texts: Iterable[Text], translate: Callable[[str], str] = str) -> str:
    """Texts one after the other."""
    return " ".join(text.translate_with(translate) for text in texts)
