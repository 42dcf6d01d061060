// SPDX-License-Identifier: EUPL-1.2
// What several pages show of a request (an item of GET /requests) and how they change it.
import {html, api, useForm, useRef, useState, Form, Field, Area, Select, Choice, Check,
	Combobox, toast} from './ui.js';
import {now} from './api.js';
import {t, label, when} from './i18n.js';

/** Lists of /codes that these parts read. */
export const careCodes = ['expertise', 'zone', 'party', 'urgency', 'crisis_step', 'danger_reason',
	'need_state', 'contribution_state', 'shortfall', 'holder_kind', 'alarm_kind', 'request_kind',
	'consult_state', 'called_service'];

/** 14 jaar, 9 jaar */
export const ages = (item) => (item.children ?? []).map((c, i) => t('care.age', {
	n: item.child_grounds?.[i]?.age_years ?? item.request.children?.[i]?.age_years ?? c.age_years}))
	.join(', ');

export const soon = (at) => when(at, now());
export const names = (list) => (list ?? []).map((p) => label('party', p)).join(', ');

/** "crisis (vanavond of vannacht)" */
export function urgency(item) {
	const {urgency: u, crisis_step: step} = item.request;
	return step ? `${label('urgency', u)}: ${label('crisis_step', step)}` : label('urgency', u);
}

const own = ['CRISIS_UNHELD', 'CRISIS_UNANSWERED', 'TERM_WARNING', 'TERM_BREACHED',
	'NO_CONTACT_PERSON', 'NOT_STARTED', 'AGREEMENT_UNCLEAR'];

/** What is next and before when, as a sentence. */
export function nextStep(item) {
	if (!item.open) {
		return t('care.closed');
	}
	if (item.call_at_ms && new Date(item.call_at_ms) > now()) {
		return t('care.next.call', {at: soon(item.call_at_ms)});
	}
	if (!item.next_ms) {
		return t('care.next.none');
	}
	const what = own.includes(item.next) ? t('care.next.' + item.next) : label('alarm_kind', item.next);
	const late = new Date(item.next_ms) < now();
	return t(late ? 'care.next.late' : 'care.next', {what, at: soon(item.next_ms)});
}

export const holders = (item) => (item.holders ?? []).filter((h) => !h.until_ms)
	.map((h) => `${label('party', h.party)} (${label('holder_kind', h.kind)})`).join('; ');

/** Pairs of a name and what stands there; what is empty is left out. */
export const Facts = ({of}) => html`<dl class="facts">${of.filter(([, v]) => v).map(([k, v]) => html`
	<div key=${k}><dt>${k}</dt><dd>${v}</dd></div>`)}</dl>`;

const live = ['ASKED', 'CAN', 'CAN_IF', 'AGREED', 'STARTED', 'INTERRUPTED', 'HANDING_ON'];

// One need: who may help and how far that is, what still lacks, what bridges.
function Help({item, view}) {
	const {need} = view;
	const wait = (item.waits ?? []).find((w) => w.need_id === need.need_id);
	const gap = (item.team?.open ?? []).find((o) => o.need_id === need.need_id);
	const shown = (view.contributions ?? []).filter((c) => live.includes(c.state) &&
		(!c.standby || c.state !== 'ASKED'));
	const beside = (view.contributions ?? []).filter((c) => c.standby && c.state === 'ASKED');
	const lacks = gap?.shortfall ?? view.shortfall;
	const many = (item.children ?? []).length > 1;
	return html`<li><strong>${label('expertise', need.expertise)}</strong>
		${many && html` ${t('care.ofchild', {n: need.child + 1})}`}
		${' '}<span class="quiet">${need.must ? t('care.must') : t('care.may')}; ${
			label('need_state', need.state)}</span>
		<ul class="tight">
			${shown.map((c) => html`<li key=${c.contribution_id}>${label('party', c.partner)}: <strong>${
					label('contribution_state', c.state)}</strong>
				${c.start_at_ms && c.state !== 'STARTED' && t('care.from',
					{at: soon(c.start_at_ms)})}</li>`)}
			${beside.length > 0 && html`<li class="quiet">${t('care.beside', {
				who: names(beside.map((c) => c.partner))})}</li>`}
			${lacks && html`<li class="warn">${t('care.lacks', {what: label('shortfall', lacks)})}
				${' '}${gap?.one_more > 0 && t('care.onemore', {n: gap.one_more})}</li>`}
			${wait?.bridging_party && html`<li>${t('care.bridges', {
				who: label('party', wait.bridging_party), at: soon(wait.bridging_until_ms)})}</li>`}
		</ul></li>`;
}

/** The proposed team, what still lacks, what bridges. */
export function Team({item}) {
	const open = (item.needs ?? []).filter((n) => n.need.state !== 'WITHDRAWN');
	if (open.length === 0) {
		return item.kind === 'CONSULT' ? html`<p>${label('consult_state', item.consult)}</p>` :
			html`<p class="empty">${t('care.noteam')}</p>`;
	}
	return html`<ul class="team">${open.map((n) => html`<${Help} key=${n.need.need_id} item=${item}
		view=${n} />`)}</ul>`;
}

/** Whom a story is told by: its words, newest version first. */
export function Told({capsules}) {
	const list = (capsules ?? []).filter((c) => c.content);
	return list.map((c) => html`<div class="note" key=${c.person_id + c.version}>
		${['name', 'callback', 'address', 'about', 'story'].filter((k) => c.content[k]).map((k) => html`
			<p key=${k}><span class="quiet">${t('care.told.' + k)}:</span> ${c.content[k]}</p>`)}
		${c.version > 1 && html`<p class="quiet">${t('care.told.version', {n: c.version})}</p>`}</div>`);
}

/** 32 hex digits that nobody made before. */
export const randomId = () => [...crypto.getRandomValues(new Uint8Array(16))]
	.map((b) => b.toString(16).padStart(2, '0')).join('');

/** The same for a worker, from the name that the house knows: the name itself goes nowhere. */
export async function pseudonym(party, name) {
	const bytes = new TextEncoder().encode(`${party}/${name.trim().toLowerCase()}`);
	const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
	return [...hash.slice(0, 16)].map((b) => b.toString(16).padStart(2, '0')).join('');
}

/** From the value of a date field, a moment: noon there. */
export const noon = (day) => (day ? new Date(`${day}T12:00:00`).toISOString() : undefined);

const kinds = {text: Field, area: Area, select: Select, choice: Choice, check: Check, combo: Combobox,
	date: (p) => html`<${Field} ...${p} type="date" />`};

/**
 * One thing to do with a request, folded until it is wanted. fields: [{kind, name, label, ...}], or a
 * function of the values; path, body: functions of the values; after: runs with the receipt.
 */
export function Act({title, lead, fields, submit, path, body, start = {}, after, method = 'post'}) {
	const form = useForm(start);
	const [open, setOpen] = useState(false);
	const list = typeof fields === 'function' ? fields(form.values) : fields ?? [];
	const send = async () => {
		const values = form.values;
		const receipt = await form.send(async (key) => api[method](path(values), await body(values), {key}));
		if (receipt) {
			form.reset();
			setOpen(false);
			toast(t('care.done', {what: title}));
			after?.(receipt, values);
		}
	};
	return html`<details class="act" open=${open} onToggle=${(e) => setOpen(e.currentTarget.open)}>
		<summary>${title}</summary>
		${open && html`<${Form} form=${form} onSend=${send} submit=${submit ?? title}>
			${lead && html`<p class="hint">${lead}</p>`}
			${list.map(({kind, ...f}) => html`<${kinds[kind]} key=${f.name} form=${form} ...${f} />`)}
			<//>`}
	</details>`;
}

/** All pages of a list; at most `most` of them. */
export async function everything(path_, query, list, most = 30) {
	const all = [];
	let after = '';
	for (let i = 0; i < most; i++) {
		const v = await api.get(path_, {limit: 100, ...query, after});
		all.push(...(v[list] ?? []));
		after = v.next ?? '';
		if (!after) {
			break;
		}
	}
	return all;
}

/** Fetches again and again, quickly first: for what follows by itself within a second. */
export function useSoon(reload, settled) {
	const ref = useRef({tries: 0, timer: null});
	const r = ref.current;
	if (!settled && r.timer === null && r.tries < 25) {
		r.timer = setTimeout(() => {
			r.timer = null;
			r.tries++;
			reload();
		}, r.tries < 10 ? 300 : 1000);
	}
}
