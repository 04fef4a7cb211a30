"""A plug-in of pylint: spares what the messages that are asked for do not need.

pylint-odoo looks at the text of a file, and infers names that it binds or imports. But
astroid infers far more while it reads a file: attributes that methods set, the bases of
each class, the fields of each data class, the members of numpy. Without that, the same
is found in a quarter of the time.

Messages that do need it get it, with numpy's stub of arrays parsed once,
not at each place that names an array: a third less time.
"""

from functools import cache

from astroid import manager
from astroid.brain import brain_numpy_ndarray
from astroid.builder import AstroidBuilder
from pylint.lint import PyLinter

from pylint_addons import INFERRED


def register(_linter: PyLinter) -> None:
    """Each plug-in has it; this one adds no message."""


def load_configuration(linter: PyLinter) -> None:
    """Takes the place of what astroid does, once it is known what is asked for."""
    if any(map(linter.is_message_enabled, INFERRED)):
        brain_numpy_ndarray.extract_node = cache(brain_numpy_ndarray.extract_node)
    else:
        AstroidBuilder.delayed_assattr = lambda _builder, _node: None
        manager.AstroidManager.visit_transforms = lambda _manager, node: node
