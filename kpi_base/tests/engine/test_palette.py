from ...engine import palette


def test_words_can_be_read_on_paper():
    """WCAG 2.1 asks for a contrast of 4.5, AAA for 7."""
    for colour in (*palette.TEXTS.values(), palette.INK, palette.FAINT):
        assert contrast(colour, palette.PAPER) > 4.5, colour


def test_series_are_those_of_okabe_and_ito():
    # Okabe & Ito 2008, without black, then a grey
    named = {
        "#e69f00",
        "#56b4e9",
        "#009e73",
        "#f0e442",
        "#0072b2",
        "#d55e00",
        "#cc79a7",
    }
    assert set(palette.SERIES[:7]) == named


def contrast(one, other):
    """WCAG 2.1, contrast ratio."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
