"""Numbers of things in texts for people, where there may be one of them."""


def say_count(count, one, more, text=None):
    """The text for one, or the one for more with its number::

        say_count(len(kpis), self.env._("1 KPI"), self.env._("%s KPIs"))

    :param text: the number as the reader writes it, where it may be large
    """
    return one if count == 1 else more % (text or count)


def list_counts(*counted):
    """Join what there is any of: triples of a number and the texts for one and more."""
    return ", ".join(say_count(*each) for each in counted if each[0])
