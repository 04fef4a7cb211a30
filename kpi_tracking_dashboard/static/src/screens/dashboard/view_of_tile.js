import { makeContext } from "@web/core/context";
import { Domain } from "@web/core/domain";
import { user } from "@web/core/user";

/** Context of an embedded view: the reader's, and what was kept with it. */
export function contextOf({ context }) {
    return makeContext([user.context, context || {}]);
}

/** Which records an embedded view shows to the reader. */
export function domainOf({ domain }) {
    return new Domain(domain || []).toList(user.context);
}

/** The action that shows an embedded view on the whole screen, with its search. */
export function actionOf({ title, view }) {
    return {
        type: "ir.actions.act_window",
        name: title,
        res_model: view.model,
        views: [
            [false, view.view_type],
            [false, "form"],
        ],
        context: contextOf(view),
        domain: domainOf(view),
    };
}
