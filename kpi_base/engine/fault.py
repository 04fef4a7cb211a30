"""Reasons to refuse something, in words for whoever did it."""

from collections.abc import Callable


class Fault(ValueError):
    """What is wrong, where, what to do.

    As a string it is English; ``translate_with`` says it in the reader's language::

        raise CellError(_lt("“%(cell)s” is not a number."), cell=clip_cell(cell))
    """

    def __init__(self, template: str, **parameters: object) -> None:
        self.template = template
        self.parameters = parameters
        super().__init__(self.translate_with(str))

    def translate_with(self, translate: Callable[[str], str]) -> str:
        """The reason in another language.

        :param translate: gives the template in that language, placeholders unchanged;
            where the addon is another one, ``lambda text: self.env._(text)``, as Odoo
            looks for terms in the addon that asks
        """
        text = translate(self.template)
        return text % self.parameters if self.parameters else text


def _lt(template: str) -> str:
    """A template; under this name Odoo collects it for its translators."""
    return template
