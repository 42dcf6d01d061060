// SPDX-License-Identifier: EUPL-1.2
// Charts as inline SVG, each beside the table that says the same: bars, lines over months, a map of
// zones. A picture is for who sees it; nothing stands in it that the table lacks.
import {html, Table, useEffect, useState, script} from './ui.js';
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

const DASH = ['', '7 4', '2 4'];

/** months: names of the columns; series: [{name, values}], each drawn in another way of dashing. */
export function Lines({months, series, label}) {
	const most = Math.max(1, ...series.flatMap((s) => s.values));
	const x = (i) => 40 + (months.length < 2 ? 150 : (i * 320) / (months.length - 1));
	const y = (v) => 180 - (v / most) * 160;
	const every = Math.ceil(months.length / 6);
	return html`<svg class="chart" role="img" aria-label=${label} viewBox="0 0 400 260">
		${[0, most / 2, most].map((v) => html`<g key=${v}><line class="rule" x1="40" x2="370" y1=${y(v)}
			y2=${y(v)} /><text class="small" x="34" y=${y(v) + 4} text-anchor="end">${
			number(v, 0)}</text></g>`)}
		${series.map((s, n) => html`<g key=${s.name} class=${`line n${n}`}>
			<polyline points=${s.values.map((v, i) => `${x(i)},${y(v)}`).join(' ')}
				stroke-dasharray=${DASH[n]} />
			${s.values.map((v, i) => html`<circle key=${i} cx=${x(i)} cy=${y(v)} r="4" />`)}
			<line x1=${10 + n * 130} x2=${36 + n * 130} y1="236" y2="236" stroke-dasharray=${DASH[n]} />
			<text class="small" x=${42 + n * 130} y="240">${s.name}</text></g>`)}
		${months.map((m, i) => i % every === 0 && html`<text key=${m} class="small" x=${x(i)} y="206"
			text-anchor="middle">${m}</text>`)}</svg>`;
}

let shapes = null;
async function zones() {
	await script('topojson');
	const topo = await (await fetch('/static/elz.topo.json')).json();
	return globalThis.topojson.feature(topo, topo.objects.elz).features;
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
