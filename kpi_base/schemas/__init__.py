"""Input and output of this addon's REST routes, and the pieces all schemas use.

Rules of the business belong to the models.
"""
