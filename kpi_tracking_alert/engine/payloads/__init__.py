"""A neutral message in the forms that other services take, within their limits."""
