class BenefitError(ValueError):
    """What cannot be worked out; the text is for whoever entered it."""
