import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { advanceTime } from "@odoo/hoot-mock";
import { rpcBus } from "@web/core/network/rpc";
import { freshen, stayFresh } from "@kpi_base/eager/fresh/fresh";

defineMailModels();

const URL = "/web/dataset/call_kw/kpi.report/read";

/** The context with which a method would be called now. */
function contextOf(method, kwargs = {}, url = URL) {
    const params = { model: "kpi.report", method, args: [], kwargs };
    const detail = { url, data: { params } };
    freshen(detail);
    expect(kwargs.context?.kpi_fresh).toBe(undefined); // what callers hold stays theirs
    return detail.data.params.kwargs.context;
}

function answer(method, error) {
    rpcBus.trigger("RPC:RESPONSE", { data: { params: { method } }, settings: {}, error });
}

test("reads are fresh for five seconds after a message", async () => {
    await advanceTime(20000);
    expect(contextOf("read")).toBe(undefined);
    stayFresh();
    await advanceTime(4900);
    expect(contextOf("web_search_read", { context: { lang: "de_DE" } })).toEqual({
        lang: "de_DE",
        kpi_fresh: true,
    });
    expect(contextOf("get_summary")).toEqual({ kpi_fresh: true });
    await advanceTime(200);
    expect(contextOf("read")).toBe(undefined);
});

test("reads are fresh after an own write that went well", async () => {
    await advanceTime(60000);
    answer("web_read");
    answer("web_save", new Error("refused"));
    expect(contextOf("read")).toBe(undefined);
    answer("web_save");
    expect(contextOf("read")).toEqual({ kpi_fresh: true });
    // it goes to the first server anyway
    expect(contextOf("write")).toBe(undefined);
    expect(contextOf("read", {}, "/web/action/load")).toBe(undefined);
});
