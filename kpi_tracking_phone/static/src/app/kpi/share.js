const WIDTH = 1080; // pixels
const HEIGHT = 608;
const MARGIN = 64;
const CHART = { bottom: 540, top: 330 };

/**
 * A KPI as a picture: name, period, number, what it means, and the line of its periods.
 *
 * @param {{about: string, lines: string[], points: Object[], title: string, value: string}} shown
 * @returns {HTMLCanvasElement}
 */
export function drawPicture({ about, lines, points, title, value }) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { height: HEIGHT, width: WIDTH });
    const context = canvas.getContext("2d");
    const style = getComputedStyle(document.body);
    const color = (name) => style.getPropertyValue(`--kpi-${name}`).trim();
    const face = style.fontFamily || "sans-serif";
    const write = (text, size, y, ink, weight = 400) => {
        context.fillStyle = ink;
        context.font = `${weight} ${size}px ${face}`;
        context.fillText(text, MARGIN, y, WIDTH - 2 * MARGIN);
    };
    const [ink, faint] = [color("ink"), color("faint")];
    context.fillStyle = color("paper");
    context.fillRect(0, 0, WIDTH, HEIGHT);
    write(title, 40, 90, ink, 500);
    write(about, 28, 134, faint);
    write(value, 88, 234, ink, 500);
    lines.slice(0, 2).forEach((line, at) => write(line, 28, 282 + 38 * at, faint));
    drawLine(context, points, "target", { color: faint, dash: [10, 8], width: 2 });
    drawLine(context, points, "value", { color: color("series-1"), dash: [], width: 5 });
    return canvas;
}

/** The numbers of a name, on the scale of all that is drawn; missing ones break the line. */
function drawLine(context, points, name, { color, dash, width }) {
    const all = points.flatMap(({ target, value }) => [target, value]);
    const known = all.filter((number) => typeof number === "number");
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const x = (at) => MARGIN + ((WIDTH - 2 * MARGIN) * at) / Math.max(points.length - 1, 1);
    const share = (number) => (high > low ? (number - low) / (high - low) : 0.5);
    const y = (number) => CHART.bottom - share(number) * (CHART.bottom - CHART.top);
    Object.assign(context, { lineJoin: "round", lineWidth: width, strokeStyle: color });
    context.setLineDash(dash);
    context.beginPath();
    let isDown = false;
    points.forEach((point, at) => {
        const number = point[name];
        const isKnown = typeof number === "number";
        isKnown && context[isDown ? "lineTo" : "moveTo"](x(at), y(number));
        isDown = isKnown;
    });
    context.stroke();
}

/**
 * Hand a picture to another app of the phone; a browser that cannot saves it as a file.
 *
 * @returns {Promise<boolean>} whether that was done; false: the person changed their mind
 */
export async function sharePicture(canvas, title) {
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    const name = `${title.replace(/[^\p{L}\p{N}]+/gu, " ").trim() || "KPI"}.png`;
    const files = [new File([blob], name, { type: "image/png" })];
    if (!navigator.canShare?.({ files })) {
        const link = document.createElement("a");
        Object.assign(link, { download: name, href: URL.createObjectURL(blob) });
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href));
        return true;
    }
    try {
        await navigator.share({ files, title });
        return true;
    } catch {
        return false;
    }
}
