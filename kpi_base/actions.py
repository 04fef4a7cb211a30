"""Actions that buttons answer with, as the web client takes them."""

from .schemas.base import MAX_ID

CLOSE = {"type": "ir.actions.act_window_close"}
RELOAD = {"type": "ir.actions.client", "tag": "soft_reload"}


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


def open_dialog(records, name, **context):
    """Open a record, or a new one of its model, in a dialog called ``name``.

    :param context: such as ``default_report_id=report.id``
    """
    return open_form(records, name=name, target="new", context=context)


def open_list(env, xml_id, domain, **values):
    """Open what the window action ``xml_id`` lists, no more than these records.

    :param values: others of the action; ``display_name`` is what the list is called, as
        the client shows that of the action rather than ``name``
    """
    action = env["ir.actions.act_window"]._for_xml_id(xml_id)
    return {**action, "domain": domain, "context": {}, **values}


def ticked(model, key="active_ids"):
    """Return a default of a field: the records of ``model`` ticked in a list."""

    def default(self):
        context = self.env.context
        given = context.get(key) if context.get("active_model") == model else ()
        ids = given if isinstance(given, (list, tuple)) else [given]
        # Whoever opens the window by a call ticks what they like, also no ids at all.
        ids = [each for each in ids if type(each) is int and 0 < each <= MAX_ID]
        return self.env[model].browse(ids).exists()._filtered_access("read")

    return default
