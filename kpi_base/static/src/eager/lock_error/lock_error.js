import { WarningDialog, odooExceptionTitleMap } from "@web/core/errors/error_dialogs";
import { registry } from "@web/core/registry";

const LOCK_ERROR = "odoo.exceptions.LockError";

// Odoo shows the sentence of every user error but this one, whose dialog is a traceback.
registry.category("error_dialogs").add(LOCK_ERROR, WarningDialog, { force: true });
odooExceptionTitleMap.set(LOCK_ERROR, odooExceptionTitleMap.get("odoo.exceptions.UserError"));
