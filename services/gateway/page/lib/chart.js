// SPDX-License-Identifier: EUPL-1.2
// Charts, each beside the table that says the same: bars and the map of zones as inline SVG, lines over
// months by uPlot, which comes when there are lines. A picture is for who sees it; nothing stands in it
// that the table lacks.
import {html, Table, useEffect, useRef, useState, script} from './ui.js';
import {t, number} from './i18n.js';

const MAX = 12;

/** A heading, a sentence, the picture, and its table. */
export function Figure({id, title, lead, note, columns, rows, rowKey, chart, empty}) {
	return html`<section class="figure" id=${id} aria-label=${title}><h2>${title}</h2>
		${lead && html`<p>${lead}</p>`}
		${rows.length === 0 ? html`<p class="empty">${empty ?? t('dash.few')}</p>` : html`<div
			class="beside">
			<div>${chart}</div>
			<div><${Table} caption=${t('dash.table', {title})} columns=${columns} rows=${rows}
				rowKey=${rowKey} /></div></div>`}
		${note && html`<p class="quiet">${note}</p>`}</section>`;
}

/** rows: [{name, value, part}]; part: how much of the value is told apart (darker). */
export function Bars({rows, label, unit = ''}) {
	const shown = rows.slice(0, MAX);
	const most = Math.max(1, ...shown.map((r) => r.value));
	const high = shown.length * 44;
	return html`<svg class="chart" role="img" aria-label=${label} viewBox=${`0 0 400 ${high}`}>
		${shown.map((r, i) => html`<g key=${r.name} transform=${`translate(0 ${i * 44})`}>
			<text x="0" y="14">${r.name}</text>
			<rect class="bar" x="0" y="20" width=${(r.value / most) * 330} height="14" />
			${r.part > 0 && html`<rect class="part" x="0" y="20" width=${(r.part / most) * 330}
				height="14" />`}
			<text class="value" x=${(r.value / most) * 330 + 6} y="32">${number(r.value)}${unit}</text>
		</g>`)}</svg>`;
}

const DASH = [[], [7, 4], [2, 4]];
const HIGH_PX = 260;

// uPlot draws on a canvas; colours come from the style sheet, as those of all else.
function draw(box, months, series, most) {
	const style = getComputedStyle(box);
	const ink = ['--main', '--warn', '--focus'].map((name) => style.getPropertyValue(name).trim());
	const axis = {stroke: style.color, font: '12px system-ui', grid: {stroke: style.getPropertyValue('--thin')}};
	const ticks = months.map((_, i) => i);
	return new globalThis.uPlot({width: box.clientWidth, height: HIGH_PX, legend: {show: false},
		cursor: {show: false}, scales: {x: {time: false, range: [-0.3, Math.max(1, months.length - 0.7)]},
			y: {range: [0, most]}},
		axes: [{...axis, splits: () => ticks.filter((i) => i % Math.ceil(months.length / 6) === 0),
			values: (_, at) => at.map((i) => months[i])},
		{...axis, values: (_, at) => at.map((n) => number(n, 0))}],
		series: [{}, ...series.map((s, n) => ({label: s.name, stroke: ink[n], width: 2.5, dash: DASH[n],
			points: {show: true, size: 8, fill: ink[n]}}))],
	}, [ticks, ...series.map((s) => s.values)], box);
}

/** months: names of the columns; series: [{name, values}] (null: a gap), each dashed in another way. */
export function Lines({months, series, label}) {
	const box = useRef(null);
	const most = Math.max(1, ...series.flatMap((s) => s.values)) * 1.05;
	useEffect(() => {
		let plot = null;
		let gone = false;
		const sized = new ResizeObserver(() => plot?.setSize({width: box.current.clientWidth, height: HIGH_PX}));
		script('uplot').then(() => {
			if (!gone) {
				plot = draw(box.current, months, series, most);
				sized.observe(box.current);
			}
		}, () => {}); // without its picture the table says it all
		return () => {
			gone = true;
			sized.disconnect();
			plot?.destroy();
		};
	}, [JSON.stringify([months, series])]);
	return html`<div class="chart plot" role="img" aria-label=${label} ref=${box}></div>
		<ul class="legend">${series.map((s, n) => html`<li key=${s.name}><svg class=${`n${n}`} width="30"
			height="8" aria-hidden="true"><line x2="30" y1="4" y2="4" stroke-dasharray=${DASH[n].join()} /></svg>
			${s.name}</li>`)}</ul>`;
}

let shapes = null;
async function zones() {
	const [{default: feature}, topo] = await Promise.all([import('../vendor/topojson/feature.js'),
		fetch('/static/elz.topo.json').then((r) => r.json())]);
	return feature(topo, topo.objects.elz).features;
}

const rings = (g) => (g.type === 'Polygon' ? g.coordinates : g.coordinates.flat());

// The zones of the node fill the picture; their neighbours stand around it in grey.
function project(features, own) {
	const points = features.filter((f) => own.has(f.properties.elz)).flatMap((f) => rings(f.geometry).flat());
	const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
	const [west, south, north] = [Math.min(...xs), Math.min(...ys), Math.max(...ys)];
	const shrink = Math.cos(((south + north) / 2) * (Math.PI / 180));
	const scale = Math.min(460 / ((Math.max(...xs) - west) * shrink), 380 / (north - south));
	const at = ([x, y]) => [20 + (x - west) * shrink * scale, 20 + (north - y) * scale];
	return {at, high: 40 + (north - south) * scale, wide: 40 + (Math.max(...xs) - west) * shrink * scale};
}

const outline = (g, at) => rings(g).map((r) =>
	'M' + r.map((p) => at(p).map((n) => n.toFixed(1)).join(' ')).join('L') + 'Z').join('');

function middle(g, at) {
	const ring = rings(g).reduce((a, b) => (b.length > a.length ? b : a)).map(at);
	const [xs, ys] = [ring.map((p) => p[0]), ring.map((p) => p[1])];
	return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
}

/** rows: [{zone, name, value, text}]; value null: too few to be told. */
export function ZoneMap({rows, label}) {
	const [features, set] = useState(null);
	useEffect(() => {
		shapes ??= zones();
		shapes.then(set, () => {
			shapes = null;
			set([]);
		});
	}, []);
	const own = new Map(rows.map((r) => [r.zone, r]));
	if (features === null || !features.some((f) => own.has(f.properties.elz))) {
		return html`<p class="quiet">${features === null ? '' : t('dash.nomap')}</p>`;
	}
	const most = Math.max(1, ...rows.map((r) => r.value ?? 0));
	const {at, high, wide} = project(features, own);
	const shade = (r) => (r.value === null ? 'few' : `q${Math.min(4, Math.floor((r.value / most) * 4.99))}`);
	const sorted = [...features].sort((a, b) => own.has(a.properties.elz) - own.has(b.properties.elz));
	return html`<svg class="chart map" role="img" aria-label=${label}
		viewBox=${`0 0 ${wide.toFixed(0)} ${high.toFixed(0)}`}>
		${sorted.map((f) => {
			const r = own.get(f.properties.elz);
			return html`<path key=${f.properties.elz} d=${outline(f.geometry, at)}
				class=${r ? shade(r) : 'other'} />`;
		})}
		${features.filter((f) => own.has(f.properties.elz)).map((f) => {
			const r = own.get(f.properties.elz);
			const [x, y] = middle(f.geometry, at);
			return html`<text key=${r.zone} x=${x} y=${y} text-anchor="middle"><tspan x=${x}>${
				r.name}</tspan><tspan class="value" x=${x} dy="18">${r.text}</tspan></text>`;
		})}</svg>`;
}
