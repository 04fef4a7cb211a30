import { rpcBus } from "@web/core/network/rpc";

const FRESH = 5000; // milliseconds: a replica is not further behind, or it is no help
const CALL = /^\/web\/dataset\/call_(kw|button)\b/;
const READING =
    /^(web_)?(check_|default_get|export|fields|formatted|get_|has_|load|name_search|onchange|read|search)/;

let until = 0;

/** From now on for a moment the first database server answers, which no change is news to. */
export function stayFresh() {
    until = Date.now() + FRESH;
}

/** The request of a read, as it is to be sent now. */
export function freshen({ url, data }) {
    const { method, kwargs } = data.params || {};
    if (CALL.test(url) && READING.test(method) && Date.now() < until) {
        const context = { ...kwargs?.context, kpi_fresh: true };
        data.params = { ...data.params, kwargs: { ...kwargs, context } };
    }
}

// Nobody sees an older value than the one that they have just stored, or were told of.
rpcBus.addEventListener("RPC:REQUEST", ({ detail }) => freshen(detail));
rpcBus.addEventListener("RPC:RESPONSE", ({ detail: { data, error } }) => {
    const { method } = data.params || {};
    if (method && !error && !READING.test(method)) {
        stayFresh();
    }
});
