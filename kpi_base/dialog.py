"""Actions that open a form in a dialog."""


def open_dialog(model: str, title: str, **context) -> dict:
    """The action that opens a new record of ``model`` in a dialog.

    ::

        return open_dialog("my.order.move", self.env._("Move"), default_order_id=7)
    """
    return {
        "type": "ir.actions.act_window",
        "name": title,
        "res_model": model,
        "views": [(False, "form")],
        "target": "new",
        "context": context,
    }
