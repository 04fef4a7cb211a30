"""A neutral message as the text of an SMS."""
