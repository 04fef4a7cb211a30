def or_none(number):
    """A number as JSON has it: None where a field that may be empty is."""
    return None if number is False else number
