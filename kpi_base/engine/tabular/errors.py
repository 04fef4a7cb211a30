class TabularError(ValueError):
    """A file that cannot be read; the text is for whoever sent it."""
