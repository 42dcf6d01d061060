// SPDX-License-Identifier: EUPL-1.2
// The board of places and hours: change a number, done. What is typed stays, also when somebody else
// changed the same offer meanwhile: the new picture is shown beside it, and the next try is on that.
import {html, api, useData, useForm, useState, useRef, useEffect, useId, Form, Field, Area, Select, Combobox,
	Check, Table, Loaded, Age, Problem, toast} from '../lib/ui.js';
import {t, both, label, options, date, number} from '../lib/i18n.js';
import {day, midnight, dayOfInstant, useEvery} from '../lib/days.js';
import {Step, Late, slug} from '../lib/parts.js';
import {parts, ownOf} from './facility.js';

export const path = '/voorziening/aanbod';
export const title = 'board.title';
export const roles = ['FACILITY'];
export const menu = false;
export const codes = ['expertise', 'zone', 'party', 'unit', 'pool_state', 'pool_answer', 'pause_reason',
	'modality', 'access', 'continuum', 'wait_class'];

const OLD_DAYS = 14;
// Held for a child whose help has not begun; one that is asked in reserve holds nothing.
const HOLDS = ['ASKED', 'CAN', 'CAN_IF', 'AGREED'];
const whole = (text) => (/^\d+$/.test(String(text).trim()) ? Number(text) : String(text));

// The statement as it stands, without what the uses say: numbers alone are sent back.
function statement({capacity: c}) {
	const {uses, partner, pool, based_on, observed_at_ms, because_expertise, because_zone, ...rest} = c;
	return rest;
}

const put = (item, body, key) => api.put(`/offers/${item.capacity.pool}`, {...statement(item), ...body},
	{key, headers: {'If-Match': `"${item.version}"`}});

const name = (item) => [...new Set((item.capacity.uses ?? []).flatMap((u) => u.expertises ?? []))]
	.map((e) => label('expertise', e)).join(', ');

// "2 vrij, waarvan 1 beloofd": promised and not begun still stands empty.
function freeText(item, promised) {
	const c = item.capacity;
	const amount = t('board.free', {n: (item.free ?? 0) + promised, unit: label('unit', c.unit)});
	return promised > 0 ? t('board.promised', {amount, n: promised}) : amount;
}

function State({item}) {
	const until = item.pause_until_ms;
	if (item.state === 'PAUSED') {
		return html`<p class="warn">${t('board.paused', {why: label('pause_reason', item.pause_reason)})}${
			until && ` ${t('board.until', {day: date(until)})}`}</p>`;
	}
	return html`${item.state === 'UNCONFIRMED' && html`<p class="warn">${
			t('board.unconfirmed', {day: date(item.confirmed_ms)})}</p>`}
		${item.reserved_until_ms && html`<p>${t('board.kept', {day: date(item.reserved_until_ms)})}</p>`}
		${item.overcommitted && html`<p class="warn">${label('pool_state', 'OVERCOMMITTED')}</p>`}
		${item.capacity.answer && item.capacity.answer !== 'HAS' && html`<p>${
			label('pool_answer', item.capacity.answer)}</p>`}`;
}

// used_elsewhere follows from how many are empty; a house that can more than it staffed says so too.
function withEmpty(item, promised, empty) {
	const c = item.capacity;
	const runs = (item.promised ?? 0) - promised;
	const staffed = Math.max(c.staffed ?? 0, runs + empty);
	return {staffed, used_elsewhere: staffed - runs - empty, total: Math.max(c.total ?? 0, staffed)};
}

// Keeps what was typed beside what is true now. seen: the version that the person has before them.
function useNumbers(item, values) {
	const form = useForm(values);
	const [other, setOther] = useState(false);
	const base = useRef({version: item.version, values});
	const before = base.current;
	const touched = Object.keys(values).some((k) =>
		String(form.values[k]).trim() !== String(before.values[k]).trim());
	useEffect(() => {
		if (item.version !== before.version) {
			const moved = JSON.stringify(values) !== JSON.stringify(before.values);
			base.current = {version: item.version, values};
			if (!touched) {
				form.reset(values);
			} else if (moved) {
				setOther(true);
			}
		}
	}, [item.version]);
	return {form, other, clear: () => setOther(false), touched};
}

function Numbers({item, values, fields, body, now: picture, reload}) {
	const {form, other, clear, touched} = useNumbers(item, values);
	const send = async () => {
		const answer = await form.send(async (key) => {
			try {
				return await put(item, body(form.values), key);
			} catch (problem) {
				if (problem.status === 412 || problem.code === 'CONFLICT') {
					await reload();
				}
				throw problem;
			}
		});
		if (answer !== undefined) {
			clear();
			toast(t('board.saved'));
			reload();
		}
	};
	return html`<${Form} form=${form} onSend=${send} class="numbers">
		${other && html`<p class="note warning" role="alert">${t('board.meanwhile', {now: picture})}</p>`}
		${fields(form)}
		<div class="actions"><button class=${touched ? 'main' : ''} aria-disabled=${form.busy}>${
			t(form.busy ? 'form.busy' : 'board.save')}</button></div><//>`;
}

const NUMBERS = ['total', 'funded', 'staffed', 'used_elsewhere'];

const useText = (u) => [
	(u.expertises ?? []).map((e) => label('expertise', e)).join(', '),
	label('modality', u.modality),
	u.age_to && t('directory.ages', {from: u.age_from ?? 0, to: u.age_to}),
	label('access', u.access),
	(u.zones ?? []).map((z) => label('zone', z)).join(', '),
].filter(Boolean).join(' · ');

function More({item, reload}) {
	const c = item.capacity;
	const picture = NUMBERS.map((k) => `${t('board.' + k)}: ${number(c[k] ?? 0)}`).join(', ');
	const values = {...Object.fromEntries(NUMBERS.map((k) => [k, String(c[k] ?? 0)])),
		answer: c.answer ?? '', until: dayOfInstant(c.until_ms)};
	return html`<details><summary>${t('board.more')}<span class="unseen"> ${c.pool}</span></summary>
		<${Numbers} item=${item} reload=${reload} now=${picture} values=${values}
			body=${(v) => ({...Object.fromEntries(NUMBERS.map((k) => [k, whole(v[k])])),
				answer: v.answer || undefined, until_ms: midnight(v.until)})}
			fields=${(form) => html`<div class="grid">${NUMBERS.map((k) => html`<${Field}
				key=${k} form=${form}
					name=${k} label=${t('board.' + k)} type="number" inputmode="numeric"
						min="0" required />`)}
				<${Select} form=${form} name="answer" label=${t('board.answer')}
					empty=${t('board.asnumbers')}
					options=${options('pool_answer')} />
				<${Field} form=${form} name="until" label=${t('board.ends')} type="date"
					min=${day(1)} /></div>`} />
		<p>${t('board.uses')}</p>
		<ul class="tight">${(c.uses ?? []).map((u) => html`<li key=${u.use}>${useText(u)}</li>`)}</ul>
	</details>`;
}

function Pause({item, reload}) {
	const post = (body, key) => api.post(`/offers/${item.capacity.pool}/pause`, body,
		{key, headers: {'If-Match': `"${item.version}"`}});
	if (item.state === 'PAUSED') {
		return html`<${Step} title=${t('board.resume')} main onDone=${reload}
			run=${(v, key) => post({paused: false}, key)} />`;
	}
	return html`<${Step} title=${t('board.pause')} onDone=${reload} initial=${{reason: '', until: ''}}
		run=${(v, key) => post({paused: true, reason: v.reason, until_ms: midnight(v.until)}, key)}
		fields=${(form) => html`<p>${t('board.pause.what')}</p>
			<${Select} form=${form} name="reason" label=${t('board.pause.why')} required
				options=${options('pause_reason')} />
			<${Field} form=${form} name="until" label=${t('board.pause.until')} type="date"
				min=${day(1)} />`} />`;
}

function Pool({item, promised, reload}) {
	const c = item.capacity;
	const empty = (item.free ?? 0) + promised;
	return html`<li class="card" data-pool=${c.pool}>
		<h2>${name(item)} <span class="quiet code">${c.pool}</span></h2>
		<p class="big">${freeText(item, promised)}</p>
		<${State} item=${item} />
		<p class="quiet">${t('board.age')} <${Age} at=${item.confirmed_ms ?? c.observed_at_ms}
			old=${OLD_DAYS}
			/>${c.insured && ` · ${t('board.insured')}`}</p>
		<${Numbers} item=${item} reload=${reload} values=${{empty: String(empty)}}
			now=${freeText(item, promised)} body=${(v) => (typeof whole(v.empty) === 'number' ?
				withEmpty(item, promised, whole(v.empty)) : {staffed: v.empty})}
			fields=${(form) => html`<${Field} form=${form} name="empty"
				label=${t('board.empty')} type="number"
				inputmode="numeric" min="0" required hint=${promised ?
					t('board.empty.hint') : null} />`} />
		<div class="actions">
			${item.state !== 'PAUSED' && html`<${Step} title=${t('board.confirm')}
				done=${t('board.confirmed')}
				main=${item.state === 'UNCONFIRMED'} onDone=${reload} run=${(v,
					key) => put(item, {}, key)} />`}
			<${Pause} item=${item} reload=${reload} /></div>
		<${More} item=${item} reload=${reload} /></li>`;
}

// A new offer: one use. Who has more uses in one pool, or one that may change its form, uses a table.
function NewPool({me, reload}) {
	const initial = {name: '', expertises: [], unit: '', staffed: '', free: '', modality: '', age_from: '0',
		age_to: '17', zones: me.zones ?? [], access: 'DIRECT', continuum: 'PROBLEM_BOUND', insured: false};
	const run = (v, key) => {
		const staffed = whole(v.staffed);
		return api.put(`/offers/${slug(v.name)}`, {unit: v.unit, total: staffed, funded: staffed, staffed,
			used_elsewhere: Math.max(0, staffed - whole(v.free)) || 0, insured: v.insured, uses:
				[{use: 1,
				expertises: v.expertises, supporter: 'PROFESSIONAL', modality: v.modality,
				age_from: whole(v.age_from), age_to: whole(v.age_to), zones: v.zones,
					languages: ['nl'],
				access: v.access, continuum: v.continuum, cost_units: 1}]}, {key});
	};
	return html`<h2>${t('board.new')}</h2><${Step} title=${t('board.new')} submit=${t('board.new.add')} main
		initial=${initial} onDone=${reload} run=${run} fields=${(form) => html`
		<${Field} form=${form} name="name" label=${t('board.name')} required hint=${t('board.name.hint')} />
		<${Combobox} form=${form} name="expertises" label=${t('board.what')} multiple required
			options=${options('expertise')} />
		<div class="grid"><${Select} form=${form} name="unit" label=${t('board.unit')} required
			options=${options('unit')} />
		<${Field} form=${form} name="staffed" label=${t('board.staffed')} type="number" inputmode="numeric"
			min="0" required />
		<${Field} form=${form} name="free" label=${t('board.empty')} type="number"
			inputmode="numeric" min="0"
			required />
		<${Select} form=${form} name="modality" label=${t('board.where')} required
			options=${options('modality')} />
		<${Field} form=${form} name="age_from" label=${t('board.from')} type="number" inputmode="numeric"
			min="0" max="25" required />
		<${Field} form=${form} name="age_to" label=${t('board.to')} type="number"
			inputmode="numeric" min="0"
			max="25" required />
		<${Select} form=${form} name="access" label=${t('board.access')} required
			options=${options('access')} />
		<${Select} form=${form} name="continuum" label=${t('board.continuum')} required
			options=${options('continuum')} /></div>
		<${Combobox} form=${form} name="zones" label=${t('board.zones')} multiple required
			options=${options('zone')} />
		<${Check} form=${form} name="insured" label=${t('board.insured.new')} />`} />`;
}

// --- many offers at once: a table, as spreadsheets write it ---
// Spreadsheets write UTF-8, or what Windows used before it.
async function readText(file) {
	const bytes = await file.arrayBuffer();
	try {
		return new TextDecoder('utf-8', {fatal: true}).decode(bytes);
	} catch {
		return new TextDecoder('windows-1252').decode(bytes);
	}
}

async function download() {
	const text = await api.get('/offers.csv');
	const a = document.createElement('a');
	a.href = URL.createObjectURL(new Blob(['\ufeff', text.replace(/^\ufeff/, '')],
		{type: 'text/csv;charset=utf-8'}));
	a.download = `${t('board.table.file')}.csv`;
	a.click();
	setTimeout(() => URL.revokeObjectURL(a.href), 0);
}

const TAKEN = ['created', 'changed', 'unchanged'];

// Each row with its line in the table; of what is wrong: the column, the rule and what to do.
function Report({rows, dry}) {
	const wrong = rows.filter((r) => !TAKEN.includes(r.outcome));
	const shown = wrong.length > 0 ? wrong : rows;
	return html`<div data-report><${Table} rows=${shown} rowKey=${(r) => `${r.row}/${r.pool}`}
		caption=${t(wrong.length > 0 ? 'board.table.wrong' : dry ? 'board.table.would' :
			'board.table.taken')} columns=${[
		{key: 'row', head: true, title: t('board.table.line'), cell: (r) => number(r.row)},
		{key: 'pool', title: t('board.table.pool'), cell: (r) => r.pool ?? '–'},
		...(wrong.length > 0 ? [{key: 'field', title: t('board.table.column'), cell: (r) =>
			r.field || '–'}] : []),
		{key: 'say', title: t(wrong.length > 0 ? 'board.table.todo' : 'board.table.what'), cell: (r) =>
			[TAKEN.includes(r.outcome) && t('board.table.' + r.outcome),
				both(r.text_nl, r.text_en)].filter(Boolean).join(': ')}]} /></div>`;
}

function OfferTable({reload}) {
	const form = useForm({text: ''});
	const [report, setReport] = useState(null);
	const [failed, setFailed] = useState(null);
	const file = useId();
	const send = async (dry) => {
		const {text} = form.values;
		const answer = await form.send(async (key) => {
			setReport(null);
			try {
				return await api.post('/offers.csv', text, {key, query: {dry_run: dry ? '1' : ''},
					headers: {'Content-Type': 'text/csv; charset=utf-8'}});
			} catch (problem) {
				if (problem.rows.length > 0) {
					setReport({text, dry, rows: problem.rows});
					const none = problem.status === 422;
					problem.field = '';
					problem.textNl = problem.textEn = t(none ? 'board.table.none' :
						'board.table.part');
				}
				throw problem;
			}
		});
		if (answer && !dry) {
			toast(t('board.saved'));
			form.reset({text: ''});
			reload();
		}
		if (answer) {
			setReport({text: dry ? text : '', dry, rows: answer.rows});
		}
	};
	const choose = async (e) => {
		const [chosen] = e.target.files;
		if (chosen) {
			form.set('text', await readText(chosen));
			e.target.value = '';
		}
	};
	return html`<h2>${t('board.table')}</h2><p>${t('board.table.lead')}</p>
		${failed && html`<${Problem} problem=${failed} />`}
		<p><button type="button" onClick=${() => {
			setFailed(null);
			download().catch(setFailed);
		}}>${t('board.table.get')}</button></p>
		<${Form} form=${form} onSend=${() => send(true)}>
			<${Area} form=${form} name="text" label=${t('board.table.paste')} required rows="6"
				spellcheck="false" hint=${t('board.table.hint')} />
			<div class="field"><label for=${file}>${t('board.table.choose')}</label>
				<input id=${file} type="file" accept=".csv,.txt,text/csv,text/plain"
					onChange=${choose} /></div>
			<div class="actions"><button aria-disabled=${form.busy}>${t('board.table.check')}</button>
				<button type="button" class="main" aria-disabled=${form.busy}
					onClick=${() => send(false)}>${t('board.table.take')}</button></div><//>
		<div role="status">${report && report.text === form.values.text && html`<${Report}
			rows=${report.rows} dry=${report.dry} />`}</div>`;
}

function Conversions({pools, reload}) {
	const list = useData(() => api.get('/conversions', {limit: 20}), [pools.map((p) => p.version).join()]);
	const items = list.data?.items ?? [];
	const of = (pool) => pools.find((p) => p.capacity.pool === pool);
	if (items.length === 0 && !list.problem) {
		return null;
	}
	return html`<h2>${t('board.fluid')}</h2><p>${t('board.fluid.what')}</p>
		${list.problem && html`<${Problem} problem=${list.problem} again=${list.reload} />`}
		<ul class="plainlist">${items.map((i) => html`<li class="card"
			key=${`${i.pool}/${i.to_pool}/${i.from_use}`}><p>${t('board.fluid.one', {n: i.units,
				pool: i.pool,
			to: i.to_pool, now: i.starts_now ?? 0, then: i.starts_then ?? 0})}</p>
			<${Step} title=${t('board.fluid.do')} onDone=${reload} run=${(v, key) => api.post(
				`/offers/${i.pool}/convert`, {from_use: i.from_use, to_pool: i.to_pool,
					units: i.units},
				{key, headers: {'If-Match': `"${of(i.pool)?.version ?? 0}"`}})} /></li>`)}</ul>`;
}

export function view({me}) {
	const own = useData(() => ownOf(me), [], null);
	useEvery(20, own.reload);
	return html`${parts(path)}<${Loaded} from=${own}>${({asks, pools}) => {
		const promised = (pool) => asks.filter((a) => a.pool === pool && !a.standby &&
			HOLDS.includes(a.state))
			.reduce((n, a) => n + (a.amount ?? 0), 0);
		return html`<p>${t('board.lead')}</p>
			${pools.length === 0 && html`<p class="empty">${t('board.none')}</p>`}
			<ul class="plainlist two">${pools.map((p) => html`<${Pool} key=${p.capacity.pool} item=${p}
				promised=${Math.min(promised(p.capacity.pool), p.promised ?? 0)}
					reload=${own.reload} />`)}</ul>
			<${Late} load=${() => import('../lib/more.js')} />
			<${Conversions} pools=${pools} reload=${own.reload} />
			<${NewPool} me=${me} reload=${own.reload} />
			<${OfferTable} reload=${own.reload} />`;
	}}<//>`;
}
