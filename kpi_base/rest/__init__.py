"""Parts of every route of the REST interface: declaration, call, answer, errors.

Routes themselves are ``controllers/``; what they take and give is ``schemas/``.
"""
