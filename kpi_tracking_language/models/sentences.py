from ..engine.insight import get_sentences


def phrase(env, kind, **words):
    """A sentence of ``engine/sentences/``, in the user's language."""
    return get_sentences(env.lang or "en_US")[kind].format_map(words)
