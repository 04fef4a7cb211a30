import { markup } from "@odoo/owl";

/**
 * Opens a window that the server described in an answer. Odoo takes the help of an empty
 * list for markup only where it has fetched the description itself.
 *
 * @param {{doAction: (action: Object) => Promise}} action service
 * @param {Object} described
 */
export function openWindow(action, described) {
    const help = described.help && markup(described.help);
    return action.doAction(help ? { ...described, help } : described);
}
