// SPDX-License-Identifier: EUPL-1.2
// The region in figures: aggregates only. Who is no coordinator gets one release per month that is
// over, in which the daemons have left out what is below five; here that is said, never guessed.
import {html, useData, useLive, useRef, useState, Loaded} from '../lib/ui.js';
import {now} from '../lib/api.js';
import {all, useEvery} from '../lib/days.js';
import {t, label, date, time, number, days, ago, getLang} from '../lib/i18n.js';
import {Figure, Bars, Lines, ZoneMap} from '../lib/chart.js';

export const path = '/dashboard';
export const title = 'dash.title';
export const lead = 'dash.lead';
export const roles = ['DASHBOARD', 'GOVERNMENT', 'COORDINATOR'];
export const order = 30;
export const codes = ['expertise', 'zone', 'figure_kind', 'answer_kind', 'can_if', 'rule_kind', 'close_reason',
	'unit'];

const WANTED = {intake: ['INFLOW', 'THROUGHFLOW', 'OUTFLOW', 'BREACHED', 'SIGNAL_CHILD_DAYS'],
	waitlist: ['WAITING', 'TIME_TO_START'], matching: ['ANSWERS']};
const BY_ZONE = ['INFLOW', 'THROUGHFLOW', 'BREACHED'];
const COUNTED = ['REQUEST', 'NEED', 'CONTRIBUTION', 'WAIT_ENTRY', 'SIGNAL'];
const TOGETHER_S = 4; // so many figures are not asked anew for each event
const FEW = 5;
const MONTHS = 12;

// --- sums of rows ---
const of = (rows, kind, month) => rows.filter((r) => r.kind === kind && r.month === month);
const total = (rows, what = 'count') => rows.reduce((n, r) => n + (r[what] ?? 0), 0);

function by(rows, key) {
	const groups = new Map();
	rows.forEach((r) => groups.set(r[key], [...(groups.get(r[key]) ?? []), r]));
	return [...groups];
}

// Exact rows bring their histogram; what is published brings its quantiles.
function quantile(rows, share, field) {
	const buckets = rows.flatMap((r) => r.buckets ?? []).sort((a, b) => a.value - b.value);
	if (buckets.length === 0) {
		return rows[0]?.[field] ?? 0;
	}
	const rank = Math.ceil(total(buckets) * share);
	let below = 0;
	return buckets.find((b) => (below += b.count) >= rank)?.value ?? 0;
}

const small = (n) => (n === null || n < FEW ? t('dash.less') : number(n));

// --- months ---
const start = (m) => new Date(Date.UTC(Math.floor(m / 100), (m % 100) - 1, 1, 12));
const monthName = (m, long = true) => new Intl.DateTimeFormat(getLang() === 'nl' ? 'nl-BE' : 'en-GB',
	{month: long ? 'long' : 'short', year: long ? 'numeric' : '2-digit', timeZone: 'UTC'}).format(start(m));
const lastDay = (m) => new Date(Date.UTC(Math.floor(m / 100), m % 100, 0, 12));

function Period({month, months, live, setMonth, at}) {
	const pick = (e) => setMonth(Number(e.target.value));
	const over = month && lastDay(month) < now();
	return html`<div class="note"><label class="field">${t('dash.period')}${' '}<select value=${month}
			onChange=${pick}>${months.map((m) => html`<option key=${m} value=${m}
				selected=${m === month}>${
			monthName(m)}</option>`)}</select></label>
		<p>${t('dash.of', {from: date(start(month)), to: date(lastDay(month))})} ${over ?
			t('dash.closed', {n: days(lastDay(month), now())}) : t('dash.running')} ${
			t('dash.fetched', {at: time(at)})}</p>
		<p>${t(live ? 'dash.exact' : 'dash.published')}</p></div>`;
}

// --- the figures ---
function Flows({rows, months}) {
	const kinds = ['INFLOW', 'THROUGHFLOW', 'OUTFLOW'];
	const table = months.map((m) => ({m, ...Object.fromEntries(kinds.map((k) => [k, total(of(rows, k, m))]))}));
	const name = t('dash.flows');
	return html`<${Figure} id="flows" title=${name} lead=${t('dash.flows.lead')} rowKey=${(r) => r.m}
		rows=${table} columns=${[{key: 'm', head: true, title: t('mirror.month'), cell:
			(r) => monthName(r.m)},
			...kinds.map((k) => ({key: k, num: true, title: label('figure_kind', k),
				cell: (r) => small(r[k])}))]}
		chart=${html`<${Lines} label=${name} months=${table.map((r) => monthName(r.m, false))}
			series=${kinds.map((k) => ({name: label('figure_kind', k), values:
				table.map((r) => (r[k] < FEW ? null : r[k]))}))} />`} />`;
}

function Map_({rows, month, zones, live}) {
	const [kind, setKind] = useState('INFLOW');
	const found = new Map(by(of(rows, kind, month), 'zone').map(([z, r]) => [z, total(r)]));
	const table = zones.map((z) => {
		const n = found.get(z) ?? (live ? 0 : null);
		const value = n !== null && n < FEW ? null : n;
		return {zone: z, name: label('zone', z), value, text: value === null ? `< ${FEW}` : number(value)};
	});
	const name = t('dash.map', {what: label('figure_kind', kind)});
	return html`<div><p><label>${t('dash.show')}${' '}<select value=${kind}
		onChange=${(e) => setKind(e.target.value)}>
			${BY_ZONE.map((k) => html`<option key=${k} value=${k} selected=${k === kind}>${
			label('figure_kind', k)}</option>`)}</select></label></p>
		<${Figure} id="map" title=${name} rows=${table} rowKey=${(r) => r.zone} note=${t('dash.source')}
			columns=${[{key: 'name', head: true, title: t('directory.zone')}, {key: 'n', num: true,
				title: label('figure_kind', kind), cell: (r) => small(r.value)}]}
			chart=${html`<${ZoneMap} rows=${table} label=${name} />`} /></div>`;
}

// Rows by expertise or code as bars with their table; most first.
function Ranked({id, name, lead: text, items, title: head, n, extra = [], note, unit}) {
	const list = items.filter((r) => r.value >= FEW || !r.counted).sort((a, b) => b.value - a.value);
	const few = items.length - list.length;
	return html`<${Figure} id=${id} title=${name} lead=${text} rows=${list} rowKey=${(r) => r.name}
		note=${[few > 0 && t('dash.left', {n: few}), note].filter(Boolean).join(' ')}
		columns=${[{key: 'name', head: true, title: head}, {key: 'value', num: true, title: n,
			cell: (r) => number(r.value)}, ...extra]}
		chart=${html`<${Bars} rows=${list} label=${name} unit=${unit} />`} />`;
}

const byExpertise = (rows) => by(rows, 'expertise').filter(([e]) => e)
	.map(([e, r]) => ({name: label('expertise', e), value: total(r), counted: true}));

function answerName(code) {
	if (code >= 900) {
		return t('mirror.lapsed');
	}
	const [kind, condition] = [Math.floor(code / 100), code % 100];
	const said = ['CAN', 'CAN_IF', 'NOT_NOW', 'NOT_OURS'][kind - 1];
	const when = ['MEET_FIRST', 'TALK_WITH_CONTACT_PERSON', 'START_DATE', 'EXTRA_HANDS', 'TRANSPORT',
		'INTERPRETER'][condition - 1];
	return said === 'CAN_IF' && when ? `${label('answer_kind', said)} ${label('can_if', when)}` :
		label('answer_kind', said);
}

const RULES = ['AGE_LIMIT', 'GATE_DECISION', 'SECTOR_FUNDING', 'MODULE_COMBINATION', 'ZONE_BOUNDARY',
	'STAFF_NORM', 'PARENT_CONTRIBUTION', 'SCHOOL_ATTENDANCE', 'DATA_SHARING', 'MEANS_SPENDING', 'STAY_TERM',
	'RECOGNITION'];

// What is free now stands open to everybody; how old each figure is comes with it.
function supply(items) {
	const groups = new Map();
	for (const i of items.filter((x) => x.state !== 'PAUSED')) {
		for (const e of new Set((i.uses ?? []).flatMap((u) => u.expertises ?? []))) {
			const key = `${e}/${i.unit}`;
			const g = groups.get(key) ?? {e, unit: i.unit, free: 0, promised: 0, ages: [], old: 0};
			g.free += i.free ?? 0;
			g.promised += i.promised ?? 0;
			g.ages.push(i.observed_at_ms);
			g.old += i.state === 'UNCONFIRMED' ? 1 : 0;
			groups.set(key, g);
		}
	}
	return [...groups.values()].map((g) => ({...g, name: `${label('expertise', g.e)} (${label('unit',
		g.unit)})`,
		value: g.free, median: g.ages.sort()[Math.floor(g.ages.length / 2)]}));
}

function Supply() {
	const read = useData(() => all('/directory', {limit: 100}, 'items', 20), [], ['POOL']);
	return html`<${Loaded} from=${read}>${(v) => html`<${Ranked} id="supply" name=${t('dash.supply')}
		lead=${t('dash.supply.lead', {at: time(read.at)})} items=${supply(v.items)}
			title=${t('waiting.what')}
		n=${t('directory.free.title')} extra=${[
			{key: 'age', title: t('directory.age'), cell: (r) => ago(r.median, now())},
			{key: 'old', num: true, title: t('dash.unconfirmed'), cell: (r) => number(r.old)}]}
		note=${t('dash.supply.note')} />`}<//>`;
}

async function fetchAll() {
	const parts = Object.entries(WANTED).flatMap(([daemon, kinds]) => kinds.map((kind) =>
		all(`/figures/${daemon}`, {kind, limit: 200}, 'rows', 20)));
	return (await Promise.all(parts)).flatMap((p) => p.rows);
}

function Sheet({rows, at, live, zones}) {
	const months = [...new Set(rows.map((r) => r.month))].filter((m) => m % 100 > 0).sort().reverse();
	const [chosen, setMonth] = useState(0);
	const month = months.includes(chosen) ? chosen : months[0];
	if (!month) {
		return html`<div><p class="empty">${t('dash.none')}</p><${Supply} /></div>`;
	}
	const waits = live ? 0 : month; // the coordinator sees who waits now, others at the end of the month
	const starts = by(of(rows, 'TIME_TO_START', month), 'expertise').map(([e, r]) => ({counted: false,
		name: label('expertise', e), n: total(r), value: quantile(r, 0.5, 'p50'),
		p75: quantile(r, 0.75, 'p75'), p90: quantile(r, 0.9, 'p90')})).filter((r) => r.n >= FEW);
	const daysOf = (key, text) => ({key, num: true, title: text, cell: (r) => number(r[key])});
	return html`<div><${Period} month=${month} months=${months} live=${live} setMonth=${setMonth} at=${at} />
		<${Map_} rows=${rows} month=${month} zones=${zones} live=${live} />
		<${Flows} rows=${rows} months=${months.slice(0, MONTHS).reverse()} />
		<${Ranked} id="starts" name=${t('dash.starts')} lead=${t('dash.starts.lead')} items=${starts}
			title=${t('waiting.what')} n=${t('dash.half')} extra=${[daysOf('p75', t('dash.p75')),
				daysOf('p90', t('dash.p90')), daysOf('n', t('dash.count'))]} />
		<${Ranked} id="waiting" name=${t('dash.waiting')} title=${t('waiting.what')} n=${t('lacks.n')}
			lead=${waits ? t('dash.waiting.end', {day: date(lastDay(month))}) : t('dash.waiting.now')}
			items=${byExpertise(of(rows, 'WAITING', waits))} />
		<${Supply} />
		<${Ranked} id="answers" name=${t('dash.answers')} lead=${t('dash.answers.lead')}
			n=${t('dash.count')}
			title=${t('dash.answer')} items=${by(of(rows, 'ANSWERS', month), 'code').map(([code,
				r]) => ({
				name: answerName(code), value: total(r), counted: true}))} />
		<${Ranked} id="signals" name=${t('signals.title')} lead=${t('dash.signals.lead')}
			n=${t('signals.days')}
			title=${t('signals.rule')} items=${by(of(rows, 'SIGNAL_CHILD_DAYS', month), 'code')
				.map(([code, r]) => ({name: label('rule_kind', RULES[code - 1]), value:
					total(r, 'sum')}))} />
		<p><button type="button" class="plain"
			onClick=${() => print()}>${t('regie.print')}</button></p></div>`;
}

export function view({me}) {
	const live = me.roles.includes('COORDINATOR');
	const read = useData(fetchAll, []);
	const moved = useRef(false);
	useLive(live ? COUNTED : ['SIGNAL'], () => {
		moved.current = true;
	});
	useEvery(TOGETHER_S, () => {
		if (moved.current) {
			moved.current = false;
			read.reload();
		}
	});
	return html`<${Loaded} from=${read}>${(rows) => html`<${Sheet} rows=${rows} at=${read.at} live=${live}
		zones=${me.zones ?? []} />`}<//>`;
}
