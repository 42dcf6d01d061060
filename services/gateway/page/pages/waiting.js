// SPDX-License-Identifier: EUPL-1.2
// The waiting list of the region, for who coordinates it. Every row says in sentences why it stands
// where it stands and what it waits for; there are no points. No names: only coded items.
import {html, api, useData, useForm, useRef, Form, Combobox, Select, Check, Table, Loaded}
	from '../lib/ui.js';
import {now} from '../lib/api.js';
import {Parts} from '../lib/parts.js';
import {t, label, options, date, days, number} from '../lib/i18n.js';
import {range} from '../lib/explain.js';

export const path = ['/regie', '/wachtlijst'];
export const title = 'waiting.title';
export const lead = 'waiting.lead';
export const roles = ['COORDINATOR'];
export const order = 1.5; // where who coordinates arrives
export const codes = ['expertise', 'zone', 'party', 'wait_class', 'shortfall', 'priority_ground',
	'holder_kind', 'stuck_sign', 'misplaced_state', 'contribution_state', 'rule_kind'];

const PAGE = 50;
const HOME = '/regie';

/** Links between the parts of what a coordinator sees; lists with a filter have an address, too. */
export const parts = (at) => html`<${Parts} name=${t('regie.parts')} at=${at} links=${[
	[HOME, t('waiting.title')], ['/regie?over_term=true', t('waiting.over.list')],
	['/regie?stuck=true', t('waiting.stuck.list')], ['/regie/overlegtafels', t('tables.title')],
	['/regie/steun', t('support.title')], ['/regie/tekort', t('lacks.title')],
	['/regie/signalen', t('signals.title')], ['/regie/netwerken', t('networks.title')]]} />`;
const CHANGES = ['WAIT_ENTRY', 'NEED', 'CONTRIBUTION', 'TEAM', 'STUCK', 'MISPLACED'];

function place(e) {
	const day = date(e.need.arrival_ms);
	if (!e.position) {
		return e.served ? t('waiting.served', {day: date(e.served_ms)}) : '';
	}
	if (e.order_rule) {
		return t('waiting.place.tried' + e.order_rule, {n: e.position, day});
	}
	if (e.order?.wait_class === 'CRISIS') {
		return t('waiting.place.crisis', {n: e.position, day});
	}
	return e.days_of_priority ?
		t('waiting.place.priority', {n: e.position, day, days: e.days_of_priority}) :
		t('waiting.place', {n: e.position, day});
}

function priority(p) {
	const by = p.party ? t('waiting.by', {who: label('party', p.party)}) : '';
	return t('waiting.priority', {n: p.days, why: label('priority_ground', p.ground),
		day: date(p.at_ms), by});
}

function bridge(e) {
	return e.bridging_party ? t('waiting.bridge', {who: label('party', e.bridging_party),
		day: date(e.bridging_until_ms)}) : t('waiting.bridge.none');
}

/** Everything that is known of the row, as sentences; what does not hold is left out. */
export function sentences(e) {
	const holders = (e.holders ?? []).map((h) =>
		`${label('party', h.party)} (${label('holder_kind', h.kind)})`).join(', ');
	const excluded = e.shortfall === 'NO_CAPACITY' ? e.request?.excluded_partners ?? [] : [];
	return [
		place(e),
		range(e.range),
		...(e.priority ?? []).map(priority),
		holders && t('waiting.holders', {who: holders}),
		bridge(e),
		e.state && t('waiting.asked', {state: label('contribution_state', e.state)}),
		e.block && t('waiting.rule', {rule: label('rule_kind', e.block.rule)}),
		e.one_more && t(e.block ? 'waiting.onemore.rule' : 'waiting.onemore',
			{n: e.one_more, who: e.one_more_pool ?? ''}),
		e.misses && t('waiting.misses', {n: e.misses}),
		excluded.length > 0 &&
			t('waiting.excluded', {who: excluded.map((p) => label('party', p)).join(', ')}),
		e.misplaced && t('waiting.misplaced', {state: label('misplaced_state', e.misplaced)}),
		e.risen_ms && t('waiting.risen', {day: date(e.risen_ms)}),
		e.family_wish_until_ms && t('waiting.wish', {day: date(e.family_wish_until_ms)}),
		e.breached_ms && t('waiting.breach', {day: date(e.breached_ms)}),
		e.gap_since_ms && t('waiting.gap', {day: date(e.gap_since_ms)}),
		e.gap_days && t('waiting.gapdays', {n: e.gap_days}),
		e.review_ms && t('waiting.review', {day: date(e.review_ms)}),
		...(e.stuck ?? []).map((v) => t('waiting.sign', {sign: label('stuck_sign', v.sign), n: v.count,
			from: v.threshold})),
	].filter(Boolean);
}

function Why({entry}) {
	const signs = entry.stuck ?? [];
	const waitsFor = entry.shortfall ? label('shortfall', entry.shortfall) :
		entry.state ? label('contribution_state', entry.state) : t('waiting.searching');
	return html`${waitsFor}
		${entry.breached_ms && html`<p class="warn">${t('waiting.over')}</p>`}
		${signs.length > 0 && html`<p class="warn">${t('waiting.stuck', {n: signs.length})}</p>`}
		<details><summary>${t('waiting.why')}<span class="unseen"> ${entry.short_code}</span></summary>
			<ul class="tight">${sentences(entry).map((s) => html`<li>${s}</li>`)}</ul>
			<a href=${`/regie/vraag/${entry.need.need_id}`}>${t('waiting.all')}<span class="unseen"> ${
				entry.short_code}</span></a>
		</details>`;
}

const age = (e) => e.request?.children?.[e.need.child ?? 0]?.age_years ?? e.request?.age_years ?? '?';

const columns = () => [
	{key: 'who', title: t('waiting.who'), head: true, cell: (e) => html`
		<span class="code">${e.short_code}</span><br /><span class="quiet">${
		t('waiting.child', {n: age(e)})}, ${label('zone', e.request?.zone)}</span>`},
	{key: 'what', title: t('waiting.what'), cell: (e) => label('expertise', e.need.expertise)},
	{key: 'class', title: t('waiting.class'), cell: (e) => label('wait_class', e.order?.wait_class)},
	{key: 'place', title: t('waiting.position'), num: true,
		cell: (e) => (e.position ? number(e.position) : '–')},
	{key: 'waits', title: t('waiting.waits'), num: true,
		cell: (e) => t('waiting.days', {n: days(e.need.arrival_ms, now())})},
	{key: 'bridge', title: t('waiting.bridging'),
		cell: (e) => (e.bridging_party ? label('party', e.bridging_party) : t('waiting.nothing'))},
	{key: 'why', title: t('waiting.reason'), cell: (e) => html`<${Why} entry=${e} />`},
];

const asText = (query, names) => Object.fromEntries(names.map((n) => [n, query.get(n) ?? '']));

function Filter({asked, go}) {
	const form = useForm({...asked, stuck: asked.stuck === 'true', over_term: asked.over_term === 'true',
		misplaced: asked.misplaced === 'true'});
	const send = () => form.send(async () => {
		const filled = Object.entries(form.values).filter(([, v]) => v !== '' && v !== false);
		go(`${HOME}?${new URLSearchParams(filled)}`);
		return true;
	});
	return html`<${Form} form=${form} onSend=${send} submit=${t('waiting.filter')} class="filter">
		<${Combobox} form=${form} name="expertise" label=${t('waiting.what')}
			options=${options('expertise')} />
		<${Combobox} form=${form} name="zone" label=${t('directory.zone')} options=${options('zone')} />
		<${Select} form=${form} name="wait_class" label=${t('waiting.class')}
			options=${options('wait_class')} />
		<${Check} form=${form} name="stuck" label=${t('waiting.only.stuck')} />
		<${Check} form=${form} name="over_term" label=${t('waiting.only.over')} />
		<${Check} form=${form} name="misplaced" label=${t('waiting.only.misplaced')} />
	<//>`;
}

export function view({query, go}) {
	const asked = asText(query, ['expertise', 'zone', 'wait_class', 'stuck', 'over_term', 'misplaced']);
	const pages = useRef(1);
	// All pages that are open are fetched anew: the order may have changed in each of them.
	const list = useData(async () => {
		const all = {entries: [], total: 0, next: ''};
		for (let i = 0; i < pages.current && (i === 0 || all.next); i++) {
			const view_ = await api.get('/waiting', {...asked, limit: PAGE, after: all.next});
			all.entries.push(...(view_.entries ?? []));
			all.total = view_.total || all.total;
			all.next = view_.next ?? '';
		}
		return all;
	}, [JSON.stringify(asked)], CHANGES);
	const more = () => {
		pages.current++;
		list.reload();
	};
	const preset = ['over_term', 'stuck'].find((k) => query.toString() === `${k}=true`);
	return html`${parts(preset ? `${HOME}?${preset}=true` : HOME)}
		<${Filter} key=${query.toString()} asked=${asked} go=${go} />
		<${Loaded} from=${list}>${(all) => html`
			<p>${t('waiting.count', {n: all.entries.length, total: all.total ||
				all.entries.length})}${' '}
				<button type="button" class="plain"
					onClick=${() => print()}>${t('regie.print')}</button></p>
			<${Table} caption=${t('waiting.title')} hideCaption columns=${columns()} rows=${all.entries}
				rowKey=${(e) => e.need.need_id} empty=${t('waiting.none')} />
			${all.next && html`<button type="button" onClick=${more}>${
				t('table.more', {n: PAGE})}</button>`}`}<//>`;
}
