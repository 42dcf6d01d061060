// SPDX-License-Identifier: EUPL-1.2
// The parts of the region beside its waiting list, fetched when one is opened: case tables, calls for
// help, what lacks, signals, networks.
import {html, api, useData, useState, Table, Loaded, Check, Field, Select, Combobox, useForm, Form}
	from '../lib/ui.js';
import {now} from '../lib/api.js';
import {all, day, dayOfInstant, midnight} from '../lib/days.js';
import {Step, Late, slug} from '../lib/parts.js';
import {t, label, options, date, when, number} from '../lib/i18n.js';

const late = (at) => at && new Date(at) < now();
const Due = ({at, open}) => (open && late(at) ? html`<span class="warn">${
	t('regie.late', {at: when(at, now())})}</span>` : when(at, now()));
const code = (text) => html`<span class="code">${text}</span>`;

// A list that may show only what is open, with its columns.
function List({from, list, kinds, columns, id, heading, open, empty, more}) {
	const [past, setPast] = useState(false);
	const read = useData(() => all(from, {limit: 100, open_only: !past && open ? true : undefined}, list),
		[past], kinds);
	return html`<section><h2>${heading}</h2>${open && html`<label class="pick"><input type="checkbox"
		checked=${past}
			onChange=${(e) => setPast(e.target.checked)} /> ${t('regie.past')}</label>`}
		<${Loaded} from=${read}>${(v) => html`<${Table} caption=${heading} hideCaption empty=${empty}
			columns=${columns(read.reload, v[list])} rows=${v[list]} rowKey=${id} />${
			more?.(read.reload, v[list])}`}<//></section>`;
}

// --- case tables ---
function TableSteps({item, reload}) {
	const x = item.table;
	const post = (body, key) => api.post(`/case-tables/${x.table_id}/move`, body, {key});
	const plan = html`<${Step} title=${t('tables.plan')} main onDone=${reload}
		initial=${{at: '', hour: '14:00', child: true, parents: true, invited: x.invited ?? []}}
		run=${(v, key) => post({to: 'PLANNED', invited: v.invited, child_invited: v.child,
			parents_invited: v.parents, at_ms: v.at && new Date(Date.parse(midnight(v.at)) +
			(Number(v.hour.slice(0, 2)) * 60 + Number(v.hour.slice(3))) * 60000).toISOString()}, key)}
		fields=${(form) => html`<div class="grid"><${Field} form=${form} name="at" type="date" min=${day()}
				label=${t('tables.day')} required />
			<${Field} form=${form} name="hour" type="time" label=${t('tables.hour')} required /></div>
			<${Check} form=${form} name="child" label=${t('tables.child')} />
			<${Check} form=${form} name="parents" label=${t('tables.parents')} />
			<${Combobox} form=${form} name="invited" label=${t('tables.others')} multiple
				options=${options('party')} />`} />`;
	const end = (to, text) => html`<${Step} title=${text} onDone=${reload}
		run=${(v, key) => post({to}, key)} />`;
	return html`<div class="actions">${isOpen(x.state) && plan}
		${x.state === 'PLANNED' && late(x.planned_ms) && end('HELD', t('tables.held'))}
		${isOpen(x.state) && end('NOT_NEEDED',
			t('tables.notneeded'))}</div>`;
}

const isOpen = (state) => state === 'CALLED' || state === 'PLANNED';
const tableColumns = (reload) => [
	{key: 'code', title: t('tables.about'), head: true, cell: (i) => html`${code(i.request_code ||
		i.short_code)}<br /><span class="quiet">${label('zone', i.zone)}</span>`},
	{key: 'why', title: t('tables.why'), cell: (i) => html`${label('case_table_reason', i.table.reason)}
		${(i.stuck ?? []).map((s) => html`<br /><span class="quiet">${label('stuck_sign',
			s.sign)}</span>`)}`},
	{key: 'state', title: t('tables.state'), cell: (i) => html`${label('case_table_state', i.table.state)}${
		i.table.planned_ms && html`<br />${when(i.table.planned_ms, now())}`}`},
	{key: 'due', title: t('tables.due'), cell: (i) => html`<${Due} at=${i.table.due_ms}
		open=${isOpen(i.table.state)} />`},
	{key: 'owner', title: t('tables.owner'), cell: (i) => label('party', i.table.owner)},
	{key: 'do', title: t('regie.do'), cell: (i) => html`<${TableSteps} item=${i} reload=${reload} />`},
];

// --- calls for help ---
function CallSteps({item, reload}) {
	const move = (to, text) => html`<${Step} title=${text} onDone=${reload} main=${to === 'TAKEN'}
		run=${(v, key) => api.post(`/help-calls/${item.call_id}/move`, {to}, {key})} />`;
	return html`<div class="actions">${item.state === 'OPEN' && move('TAKEN', t('support.take'))}
		${item.state === 'TAKEN' && move('OPEN', t('support.back'))}</div>`;
}

const callColumns = (reload) => [
	{key: 'code', title: t('support.call'), head: true, cell: (i) => html`${code(i.short_code)}${
		i.crisis && html`<br /><span class="warn">${t('support.crisis')}</span>`}`},
	{key: 'from', title: t('support.from'), cell: (i) => html`${label('party', i.from_party)}<br />
		<span class="quiet">${label('zone', i.zone)}</span>`},
	{key: 'what', title: t('support.what'), cell: (i) => label('expertise', i.expertise) ||
		t('support.beside')},
	{key: 'to', title: t('support.to'), cell: (i) => html`${label('help_addressee', i.addressee)}<br />
		<span class="quiet">${label('party', i.to_party)}</span>`},
	{key: 'state', title: t('tables.state'), cell: (i) => label('help_call_state', i.state)},
	{key: 'due', title: t('support.due'), cell: (i) => html`<${Due} at=${i.due_ms}
		open=${i.state === 'OPEN'} />`},
	{key: 'do', title: t('regie.do'), cell: (i) => html`<${CallSteps} item=${i} reload=${reload} />`},
];

// --- signals about rules ---
const NEXT = {NAMED: ['RECEIVED'], RECEIVED: ['CLARIFIED', 'ADJUSTED']};
const signalColumns = (me) => (reload) => [
	{key: 'rule', title: t('signals.rule'), head: true, cell: (i) => label('rule_kind', i.rule)},
	{key: 'step', title: t('signals.step'), cell: (i) => label('blocked_step', i.step)},
	{key: 'days', title: t('signals.days'), num: true, cell: (i) => number(i.child_days ?? 0)},
	{key: 'state', title: t('tables.state'), cell: (i) => html`${label('signal_state', i.state)}<br />
		<span class="quiet">${date(i.state_ms)}</span>`},
	{key: 'about', title: t('signals.to'), cell: (i) => (i.about_party ? label('party', i.about_party) :
		t('signals.government'))},
	{key: 'do', title: t('regie.do'), cell: (i) => html`<div class="actions">${(i.about_party === me.party ?
		NEXT[i.state] ?? [] : []).map((to) => html`<${Step} key=${to} title=${label('signal_state', to)}
			onDone=${reload} run=${(v, key) => api.post(`/signals/${i.signal_id}/move`, {to},
				{key})} />`)}</div>`},
];

// --- networks ---
const euro = (cents) => t('networks.euro', {n: number((cents ?? 0) / 100, 0)});
// A day that was left alone stays the very instant that it was.
const instant = (text, old) => (text === dayOfInstant(old) ? old : midnight(text));

const networkValues = (n) => ({name: n.name ?? '', kind: n.kind ?? '', zones: n.zones ?? [],
	partners: n.partners ?? [], from_ms: dayOfInstant(n.from_ms), until_ms: dayOfInstant(n.until_ms),
	budget_cents: n.budget_cents ? String(n.budget_cents / 100) : '', successor: n.successor ?? ''});

const networkBody = (v, old) => ({...v, from_ms: instant(v.from_ms, old.from_ms),
	until_ms: instant(v.until_ms, old.until_ms), successor: v.successor || undefined,
	budget_cents: v.budget_cents === '' ? undefined : Math.round(Number(v.budget_cents) * 100)});

const networkFields = (others) => (form) => html`
	<${Field} form=${form} name="name" label=${t('networks.name')} required />
	<${Select} form=${form} name="kind" label=${t('networks.kind')} required options=${options('network_kind')} />
	<${Combobox} form=${form} name="zones" label=${t('networks.zones')} multiple required
		options=${options('zone')} />
	<${Combobox} form=${form} name="partners" label=${t('networks.partners')} multiple
		options=${options('party')} />
	<div class="grid"><${Field} form=${form} name="from_ms" label=${t('networks.from')} type="date" />
		<${Field} form=${form} name="until_ms" label=${t('networks.until')} type="date" min=${day(1)} />
		<${Field} form=${form} name="budget_cents" label=${t('networks.money')} type="number" min="0"
			step="0.01" inputmode="decimal" /></div>
	<${Select} form=${form} name="successor" label=${t('networks.successor')} empty=${t('networks.nobody')}
		hint=${t('networks.successor.hint')} options=${others.map((o) => ({value: o.network.network,
			label: o.network.name}))} />`;

// What is typed is about the network as it was when the form was opened (base). When somebody else was
// first, the row shows what holds now, and the next try is on that.
function ChangeNetwork({item, items, reload}) {
	const [base, setBase] = useState(null);
	const [on, setOn] = useState(0);
	if (base === null) {
		return html`<button type="button" onClick=${() => {
			setBase(item);
			setOn(item.version);
			setTimeout(() => document.querySelector(`[data-network="${item.network.network}"] input`)
				?.focus(), 0);
		}}>${t('networks.change')}<span class="unseen"> ${item.network.name}</span></button>`;
	}
	const run = async (v, key) => {
		try {
			return await api.put(`/networks/${item.network.network}`, networkBody(v, base.network),
				{key, headers: {'If-Match': `"${on}"`}});
		} catch (problem) {
			if (problem.status === 412 || problem.code === 'CONFLICT') {
				const now_ = await api.get(`/networks/${item.network.network}`);
				setOn(now_.networks[0].version);
				problem.field = '';
				problem.textNl = problem.textEn = t('networks.meanwhile');
				reload();
			}
			throw problem;
		}
	};
	const close = () => setBase(null);
	return html`<div data-network=${item.network.network}><${Step} open title=${t('board.save')} main
		initial=${networkValues(base.network)} run=${run}
		onDone=${() => {
			close();
			reload();
		}} fields=${networkFields(items.filter((i) => i !== item))} />
		<button type="button" onClick=${close}>${t('dialog.no')}</button></div>`;
}

const NewNetwork = ({items, reload}) => html`<h3>${t('networks.new')}</h3><p>${t('networks.new.what')}</p>
	<${Step} title=${t('networks.new')} submit=${t('networks.add')} main onDone=${reload}
		initial=${networkValues({})} fields=${networkFields(items)} run=${(v, key) =>
			api.put(`/networks/${slug(v.name) || 'x'}`, networkBody(v, {}), {key})} />`;

const networkColumns = (reload, items) => [
	{key: 'name', title: t('networks.name'), head: true, cell: (i) => i.network.name},
	{key: 'kind', title: t('networks.kind'), cell: (i) => label('network_kind', i.network.kind)},
	{key: 'zones', title: t('networks.zones'), cell: (i) => (i.network.zones ?? []).map((z) =>
		label('zone', z)).join(', ')},
	{key: 'partners', title: t('networks.partners'), cell: (i) => html`<details><summary>${
		number((i.network.partners ?? []).length)}<span class="unseen"> ${i.network.name}</span></summary>${
		(i.network.partners ?? []).map((p) => label('party', p)).join(', ')}</details>`},
	{key: 'until', title: t('networks.until'), cell: (i) => (i.network.until_ms ? html`${
		date(i.network.until_ms)}${i.network.successor && html`<br /><span class="quiet">${
		t('networks.then', {who: i.network.successor})}</span>`}` : t('networks.open'))},
	{key: 'budget', title: t('networks.budget'), cell: (i) => t('networks.spent',
		{spent: euro(i.spent_cents), of: euro(i.network.budget_cents)})},
	{key: 'do', title: t('regie.do'), cell: (i) => !late(i.network.until_ms) && html`<${ChangeNetwork}
		item=${i} items=${items} reload=${reload} />`},
];

// --- what lacks ---
// Of all that waits: which kind of help, why, and how often one unit more would start it.
function tally(entries) {
	const rows = new Map();
	for (const e of entries) {
		const key = `${e.need.expertise}/${e.shortfall ?? ''}`;
		const row = rows.get(key) ?? {expertise: e.need.expertise, shortfall: e.shortfall, n: 0,
			more: new Map()};
		row.n++;
		if (e.one_more) {
			const pool = e.one_more_pool ?? '';
			row.more.set(pool, Math.min(row.more.get(pool) ?? e.one_more, e.one_more));
		}
		rows.set(key, row);
	}
	return [...rows.values()].sort((a, b) => b.n - a.n);
}

const lackColumns = () => [
	{key: 'what', title: t('waiting.what'), head: true, cell: (r) => html`<a
		href=${`/regie?expertise=${r.expertise}`}>${label('expertise', r.expertise)}</a>`},
	{key: 'why', title: t('waiting.reason'), cell: (r) => label('shortfall', r.shortfall)},
	{key: 'n', title: t('lacks.n'), num: true, cell: (r) => number(r.n)},
	{key: 'more', title: t('lacks.more'), cell: (r) => (r.more.size === 0 ? '–' : html`<ul class="tight">${
		[...r.more].map(([pool, n]) => html`<li>${t('lacks.one', {n, pool})}</li>`)}</ul>`)},
];

const sharedColumns = () => [
	{key: 'zone', title: t('directory.zone'), head: true, cell: (i) => label('zone', i.zone)},
	{key: 'waiting', title: t('lacks.waiting'), num: true, cell: (i) => number(i.waiting ?? 0)},
	{key: 'starts', title: t('lacks.starts'), num: true, cell: (i) => number(i.starts ?? 0)},
	{key: 'oldest', title: t('lacks.oldest'), cell: (i) => date(i.oldest_ms) || '–'},
];

function Shared() {
	const form = useForm({expertise: '', hours: '4'});
	const [found, setFound] = useState(null);
	const send = async () => {
		const answer = await form.send(() => api.get('/shared', {expertise: form.values.expertise,
			hours: form.values.hours}));
		if (answer) {
			setFound({...answer, hours: form.values.hours});
		}
	};
	return html`<h2>${t('lacks.shared')}</h2><p>${t('lacks.shared.what')}</p>
		<${Form} form=${form} onSend=${send} submit=${t('lacks.try')} class="filter">
			<${Combobox} form=${form} name="expertise" label=${t('waiting.what')} required
				options=${options('expertise')} />
			<${Field} form=${form} name="hours" type="number" inputmode="numeric" min="1"
				max="168" required
				label=${t('lacks.hours')} /><//>
		${found && html`<${Table} caption=${t('lacks.shared.n', {n: found.hours})}
			columns=${sharedColumns()}
			rows=${found.items ?? []} rowKey=${(i) => i.zone} />`}`;
}

function Lacks() {
	const read = useData(() => all('/waiting', {limit: 100}, 'entries', 20), []);
	return html`<section><h2>${t('lacks.title')}</h2><p>${t('lacks.lead')}</p><${Loaded} from=${read}>${(v) => {
		const rows = tally(v.entries.filter((e) => e.shortfall));
		return html`<div><p>${t(v.next ? 'lacks.part' : 'lacks.whole', {n: v.entries.length})}</p>
			<${Table} caption=${t('lacks.title')} hideCaption columns=${lackColumns()} rows=${rows}
				rowKey=${(r) => `${r.expertise}/${r.shortfall}`} /></div>`;
	}}<//><${Late} load=${() => import('../lib/more.js')} /></section><section><${Shared} /></section>`;
}

const views = {
	'/regie/overlegtafels': () => html`<${List} from="/case-tables" list="tables" open kinds=${['CASE_TABLE']}
		heading=${t('tables.title')} columns=${tableColumns} id=${(i) => i.table.table_id}
		empty=${t('tables.none')} />`,
	'/regie/steun': () => html`<${List} from="/help-calls" list="calls" open kinds=${['HELP_CALL']}
		heading=${t('support.title')} columns=${callColumns} id=${(i) => i.call_id}
			empty=${t('support.none')} />`,
	'/regie/tekort': () => html`<${Lacks} />`,
	'/regie/signalen': (me) => html`<${List} from="/signals" list="signals" open kinds=${['SIGNAL']}
		heading=${t('signals.title')} columns=${signalColumns(me)} id=${(i) => i.signal_id}
		empty=${t('signals.none')} />`,
	'/regie/netwerken': () => html`<${List} from="/networks" list="networks" kinds=${['NETWORK']}
		heading=${t('networks.title')} columns=${networkColumns} id=${(i) => i.network.network}
		more=${(reload, items) => html`<${NewNetwork} items=${items} reload=${reload} />`} />`,
};

export const part = ({at, me}) => views[at](me);
