import { Component, markup, onWillStart, useEffect, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { comparisons } from "@kpi_tracking/eager/comparison/comparisons";
import { reportGauge } from "@kpi_tracking/eager/gauge/report_gauge";
import { compact as formatKpi } from "@kpi_base/eager/formatting/formatting";
import { unitOfAnswer } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { Sparkline, trendLabel } from "@kpi_tracking/eager/sparkline/sparkline";
import { StatusChip } from "@kpi_tracking/eager/status_chip/status_chip";
import { Gauge } from "@kpi_tracking/screens/gauge/gauge";
import { callModel } from "../../stored/server";
import { formatCard, recordOfCard, trendOf } from "../kpis/kpi_row";
import { usePhone } from "../phone";
import { Sheet } from "../shell/sheet";
import { findPoint } from "./points";
import { drawPicture, sharePicture } from "./share";
import { momentOf, writeMoment } from "../when";

const LOOK = {
    formatMoment: (moment) => writeMoment(momentOf(moment)),
    isAnimated: false,
    isCompact: false,
    isLazy: true,
};

/** All that the phone knows about a KPI. */
export class KpiPanel extends Component {
    static template = "kpi_tracking_phone.KpiPanel";
    static components = { Gauge, Sheet, Sparkline, StatusChip };
    static props = { card: { type: Object } };

    setup() {
        this.phone = usePhone();
        const { views } = this.phone;
        const sheet = views.note === this.props.card.report_id ? "note" : "";
        delete views.note;
        this.state = useState({ isTable: false, note: "", point: null, sheet, starred: null });
        const key = `note/${this.props.card.report_id}`;
        onWillStart(async () => {
            this.state.note = (await this.phone.readDraft(key)) || "";
        });
        useEffect(
            (note) => {
                this.phone.writeDraft(key, note || null);
            },
            () => [this.state.note],
        );
    }

    get card() {
        return this.props.card;
    }

    get gauge() {
        return this.card.gauge && reportGauge(this.card.gauge, recordOfCard(this.card), LOOK);
    }

    get value() {
        return formatCard(this.card);
    }

    get lines() {
        const { history } = this;
        return [
            history?.finding,
            ...comparisons(recordOfCard(this.card)),
            history?.likely,
            this.card.reason,
        ].filter(Boolean);
    }

    get history() {
        return this.phone.row(`history:${this.card.report_id}`);
    }

    /** The server's drawing: shapes and letters, nothing that runs. */
    get drawing() {
        return this.history?.svg && markup(this.history.svg);
    }

    /** The value of the point that was tapped. */
    get pointWords() {
        const { point } = this.state;
        if (!point) {
            return "";
        }
        const { expected, formatted, label, target, value } = point;
        const ahead = expected?.value ?? null;
        const isAhead = value === null && ahead !== null;
        const words = { label, value: isAhead ? this.write(ahead) : formatted };
        return [
            isAhead ? _t("%(label)s: expected %(value)s", words) : `${label}: ${words.value}`,
            typeof target === "number" && _t("target %s", this.write(target)),
        ]
            .filter(Boolean)
            .join(" · ");
    }

    tap({ clientX, currentTarget }) {
        const { points } = this.history;
        const at = findPoint(currentTarget.getElementsByTagName("svg")[0], clientX, points.length);
        this.state.point = points[at] || null;
    }

    /** As a picture, drawn here: what is shared leaves the phone only where the person sends it. */
    async share() {
        const { card, lines, trend, value } = this;
        const title = [card.kpi || card.name, card.scope].filter(Boolean).join(" · ");
        const shown = {
            about: card.period.label,
            lines: lines.slice(0, 2),
            points: trend,
            title,
            value,
        };
        await sharePicture(drawPicture(shown), title);
    }

    /** The newest first: a strip that begins at its end is there without a script. */
    get periods() {
        return this.card.periods.toReversed();
    }

    write(value) {
        return typeof value === "number" ? formatKpi(value, unitOfAnswer(this.card.unit)) : "–";
    }

    get trend() {
        return trendOf(this.card);
    }

    get trendLabel() {
        return trendLabel(this.trend, unitOfAnswer(this.card.unit));
    }

    get isStarred() {
        return this.state.starred ?? this.card.starred;
    }

    get starWord() {
        return this.isStarred ? _t("Remove from your overview") : _t("Show first on your overview");
    }

    get link() {
        return `/odoo/kpi.report/${this.card.report_id}`;
    }

    async star() {
        const { isStarred } = this;
        this.state.starred = !isStarred;
        try {
            await callModel("kpi.report", "star", [this.card.report_id], !isStarred);
            await this.phone.refresh();
        } catch {
            this.state.starred = null; // it needs reception
        }
    }

    async saveNote() {
        const text = this.state.note.trim();
        if (text) {
            const { label, start: period } = this.card.period;
            const data = { period, report_id: this.card.report_id, text };
            const about = { name: this.card.name, label, text };
            if (!(await this.phone.enter({ about, data, kind: "note" }))) {
                return; // what was written stays in its sheet
            }
        }
        Object.assign(this.state, { note: "", sheet: "" });
    }
}
