"""Actions that buttons answer with, as the web client takes them."""


def open_form(records, **values):
    """Open the form of a record, or of a new one where ``records`` is empty.

    :param values: others of the action, such as ``name``, ``target`` or ``context``
    """
    action = {
        "type": "ir.actions.act_window",
        "res_model": records._name,
        "views": [(False, "form")],
        **values,
    }
    return {**action, "res_id": records.id} if records else action


def show_notification(message, **params):
    """Say something in a corner of the screen: a success, unless ``type`` differs.

    :param params: others of the notification, such as ``next``, what follows
    """
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {"type": "success", "message": message, **params},
    }
