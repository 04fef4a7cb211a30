from collections.abc import Callable


class BenefitError(ValueError):
    """What cannot be worked out; the text is for whoever entered it.

    As a string it is English; ``translate_with`` says it in the reader's language.
    """

    def translate_with(self, translate: Callable[[str], str]) -> str:
        """The reason in another language.

        :param translate: gives the text in that language
        """
        # Here, as Odoo looks for terms in the addon that asks for them.
        return translate(str(self))


def _lt(text: str) -> str:
    """A text; under this name Odoo collects it for its translators."""
    return text
