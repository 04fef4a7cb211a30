import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    advanceTime,
    expect,
    manuallyDispatchProgrammaticEvent,
    test,
    waitForNone,
} from "@odoo/hoot";
import { Component, xml } from "@odoo/owl";
import {
    asyncStep,
    getMockEnv,
    makeMockEnv,
    MockServer,
    mountWithCleanup,
    patchWithCleanup,
    waitForSteps,
} from "@web/../tests/web_test_helpers";
import {
    lockWebsocketConnect,
    startBusService,
    waitNotifications,
} from "@bus/../tests/bus_test_helpers";
import { ConnectionLostError } from "@web/core/network/rpc";
import { useLiveKpis } from "@kpi_tracking/live/live";

defineMailModels();

const CHANGED = "kpi_tracking.measured";
const ARRANGED = "addon.arranged";
const CHANNEL = "kpi_tracking.company_1";
const BOARD = 7;
const BOARD_CHANNEL = `kpi_tracking.board_${BOARD}`;

class Screen extends Component {
    static template = xml`
        <p t-if="!live.isLive" class="o_stale" t-esc="live.since.isValid ? 'since' : ''"/>`;
    static props = { refresh: { type: Function } };

    setup() {
        this.live = useLiveKpis(this.props.refresh, {
            type: ARRANGED,
            channel: () => BOARD_CHANNEL,
            changeOf: ({ board_id, revision }) => board_id === BOARD && { revision },
        });
    }
}

const step = (change) => asyncStep(change.all ? "all" : change.report_ids.join());

/** A screen on a page that is connected and listens. */
async function open(refresh = step) {
    if (!getMockEnv()) {
        await makeMockEnv();
        await startBusService();
    }
    const screen = await mountWithCleanup(Screen, { props: { refresh } });
    const { env } = MockServer;
    while (!env["bus.bus"].channelsByUser[env.uid]?.includes(CHANNEL)) {
        await advanceTime(100);
    }
    return screen;
}

/** As the server does; the time until it arrives does not count. */
async function tell(...bodies) {
    // At once: the first is acted upon after a random delay, which may be none.
    MockServer.env["bus.bus"]._sendmany(bodies.map((body) => [CHANNEL, CHANGED, body]));
    await waitNotifications(...bodies.map((body) => [CHANGED, body]));
}

function setVisible(isVisible) {
    patchWithCleanup(document, {
        get visibilityState() {
            return isVisible ? "visible" : "hidden";
        },
    });
    return manuallyDispatchProgrammaticEvent(document, "visibilitychange");
}

test("what changed is asked for once, within half a second", async () => {
    await open();
    await tell({ report_ids: [3, 4] }, { report_ids: [4, 5] });
    await advanceTime(500);
    await waitForSteps(["3,4,5"]);
});

test("all is all, whatever else is announced", async () => {
    await open();
    await tell({ report_ids: [3] }, { all: true }, { report_ids: [4] });
    await advanceTime(500);
    await waitForSteps(["all"]);
});

test("the newest revision of the record that is shown is asked for", async () => {
    await open((change) => asyncStep(`${change.report_ids} at ${change.revision}`));
    const channel = BOARD_CHANNEL;
    const { env } = MockServer;
    expect(env["bus.bus"].channelsByUser[env.uid]).toInclude(channel);
    // All at once: were they waited for one by one, the first might be acted upon.
    const messages = [
        [channel, ARRANGED, { board_id: BOARD, revision: 4 }],
        [channel, ARRANGED, { board_id: BOARD, revision: 3 }],
        [channel, ARRANGED, { board_id: 8, revision: 9 }],
        [CHANNEL, CHANGED, { report_ids: [3] }],
    ];
    env["bus.bus"]._sendmany(messages);
    await waitNotifications(...messages.map(([, ...message]) => message));
    await advanceTime(500);
    await waitForSteps(["3 at 4"]);
});

test("once a second at most", async () => {
    await open();
    await tell({ report_ids: [1] });
    await advanceTime(500);
    await waitForSteps(["1"]);
    await tell({ report_ids: [2] });
    await tell({ report_ids: [3] });
    await advanceTime(490);
    await waitForSteps([]);
    await advanceTime(1100);
    await waitForSteps(["2,3"]);
});

test("one request at a time", async () => {
    let answer;
    await open((change) => {
        step(change);
        return new Promise((resolve) => (answer = resolve));
    });
    await tell({ report_ids: [1] });
    await advanceTime(500);
    await waitForSteps(["1"]);
    await tell({ report_ids: [2] });
    await advanceTime(5000);
    await waitForSteps([]);
    answer();
    await advanceTime(1500);
    await waitForSteps(["2"]);
});

test("a hidden tab waits until it is looked at", async () => {
    await open();
    await setVisible(false);
    await tell({ report_ids: [1] });
    await advanceTime(5000);
    await waitForSteps([]);
    await setVisible(true);
    await advanceTime(500);
    await waitForSteps(["1"]);
});

test("hidden between the message and the request", async () => {
    await open();
    await tell({ report_ids: [1] });
    await setVisible(false);
    await advanceTime(5000);
    await waitForSteps([]);
    await setVisible(true);
    await advanceTime(500);
    await waitForSteps(["1"]);
});

test("a screen that is closed asks no more, one that is open goes on", async () => {
    const first = await open((change) => step(change));
    await open((change) => asyncStep(`second ${change.report_ids}`));
    first.__owl__.destroy();
    await tell({ report_ids: [1] });
    await advanceTime(500);
    await waitForSteps(["second 1"]);
});

test("a lost connection shows, is polled over, and asked for once when it is back", async () => {
    await open();
    const unlock = lockWebsocketConnect();
    MockServer.env["bus.bus"]._simulateDisconnection(1006);
    await advanceTime(1000);
    expect(".o_stale").toHaveCount(0, { message: "it may come back at once" });
    await advanceTime(6000);
    expect(".o_stale").toHaveText("since");
    await advanceTime(60000);
    await waitForSteps(["all"]);
    unlock();
    await advanceTime(70000);
    await waitForNone(".o_stale");
    expect(".o_stale").toHaveCount(0);
    await waitForSteps(["all"]);
});

test("a server that does not answer is not asked each second", async () => {
    let isAway = true;
    await open(async (change) => {
        step(change);
        if (isAway) {
            throw new ConnectionLostError("/web/dataset/call_kw");
        }
    });
    await tell({ report_ids: [1] });
    await advanceTime(500);
    await waitForSteps(["1"]);
    await tell({ report_ids: [2] });
    await advanceTime(50000);
    await waitForSteps([]);
    isAway = false;
    await advanceTime(11000);
    await waitForSteps(["1,2"]);
});
