// SPDX-License-Identifier: EUPL-1.2
// A new request, made while somebody tells it by telephone: one screen, no mouse, nothing asked twice.
// What is typed is kept in the tab until it was sent or somebody signs out. What was sent without an
// answer is sent again as it was, under its own key, before anything else: it is never made twice.
import {html, api, useData, useEffect, useForm, useRef, useState, Form, Field, Area, Select, Choice,
	Check, Combobox, Loaded} from '../lib/ui.js';
import {newKey} from '../lib/api.js';
import {t, label, options, getLang} from '../lib/i18n.js';
import {careCodes, Facts, Team, Told, ages, holders, nextStep, randomId, soon, urgency, useSoon}
	from '../lib/care.js';

export const path = ['/nieuw', '/meldpunt'];
export const title = 'new.title';
export const lead = 'new.lead';
export const roles = ['CONTACT_POINT', 'REQUESTER'];
export const order = 1;
export const codes = [...careCodes, 'contact_limit', 'apart_reason'];

const KEPT = 'draft.request';
const LANGUAGES = ['nl', 'fr', 'en', 'ar', 'tr', 'pl', 'ro', 'bg', 'uk', 'ru', 'es', 'pt', 'it', 'de',
	'ps', 'fa', 'so', 'ti', 'sq', 'ku', 'ur', 'hi', 'zh', 'vi', 'ln', 'sw'];
const STAY = ['CRISIS_STAY', 'CRISIS_INTERVENTION', 'CRISIS_GUIDANCE'];
const DAYS = 7;

// --- the draft ----------------------------------------------------------------------------------
function readDraft(party) {
	try {
		const d = JSON.parse(sessionStorage.getItem(KEPT));
		return d?.party === party ? d : null;
	} catch {
		return null;
	}
}

function writeDraft(draft) {
	try {
		if (draft) {
			sessionStorage.setItem(KEPT, JSON.stringify(draft));
		} else {
			sessionStorage.removeItem(KEPT);
		}
	} catch {
		// not allowed here: then it lives as long as the page
	}
}

const first = (me) => ({kind: 'SEARCH', who: 'PARENT', kids: 1, grown: 1, needs: [], languages: [],
	excluded_partners: [], 'adults.0.authority': true, 'adults.0.home': true,
	urgency: me.roles.includes('CONTACT_POINT') ? 'CRISIS' : 'STANDARD'});

// --- from what was typed to the message ---------------------------------------------------------
const range = (n) => [...Array(Number(n) || 0).keys()];
const int = (v) => (v === undefined || v === '' ? undefined : Number(v));

function stays(v, i) {
	return range(v[`children.${i}.two`] ? 2 : 0).map((k) => {
		const at = (name) => v[`children.${i}.stays.${k}.${name}`];
		return {zone: at('zone') || v.zone, adult: int(at('adult')), safe: at('safe') || undefined,
			days: range(DAYS).reduce((bits, d) => bits | (at('day' + d) ? 1 << d : 0), 0)};
	});
}

function child(v, i, persons) {
	const at = (name) => v[`children.${i}.${name}`] || undefined;
	const born = at('born');
	return {age_years: born ? undefined : int(at('age_years')), person_id: i === 0 ? persons.child :
		undefined, born: born && Number(born.replaceAll('-', '')), stays: stays(v, i),
	apart: at('apart'), apart_danger: at('apart') === 'DANGER' ? at('apart_danger') : undefined};
}

function adult(v, i, persons) {
	const at = (name) => v[`adults.${i}.${name}`] || undefined;
	return {number: i + 1, authority: at('authority'), conflict: at('conflict'), home: at('home'),
		limit: at('limit'), person_id: i === 0 && v.who === 'PARENT' ? persons.caller : undefined};
}

/** What is asked in a place or a team is one; else hours a week. */
export const usual = (code) => (STAY.includes(code) ? {intensity: 1,
	duration_weeks: code === 'CRISIS_GUIDANCE' ? 4 : 1} : {intensity: 2, duration_weeks: 12});

// One line a need and child; where[i]: which need the i-th line came from, for what is refused.
function needs(v) {
	const list = [];
	const where = [];
	for (const code of v.needs) {
		const at = (name) => v[`need.${code}.${name}`];
		const of = at('child') === undefined || at('child') === '' ? range(v.kids) : [at('child')];
		for (const c of of) {
			list.push({expertise: code, intensity: int(at('intensity')) ?? usual(code).intensity,
				duration_weeks: int(at('duration_weeks')) ?? usual(code).duration_weeks,
				must: at('may') !== true, child: Number(c)});
			where.push(code);
		}
	}
	return {list, where};
}

function capsules(v, persons) {
	const pick = (keys) => Object.fromEntries(keys.map((k) => [k, v[k]?.trim()]).filter(([, x]) => x));
	const self = v.who === 'YOUTH';
	const told = v.anonymous ? {} : pick(['name', 'callback', 'address']);
	const story = pick(['story']);
	const parts = self ? [[persons.child, {...told, ...story}, false]] :
		[[persons.caller, told, false], [persons.child, story, true]];
	return parts.filter(([, content]) => Object.keys(content).length > 0)
		.map(([person_id, content, about]) => ({person_id, content, about}));
}

function message(v) {
	const consult = v.kind === 'CONSULT';
	const crisis = v.urgency === 'CRISIS' && !consult;
	const persons = {caller: randomId(), child: randomId()};
	const anonymous = consult && v.anonymous === true;
	const {list, where} = needs(v);
	return {where, body: {kind: v.kind, zone: v.zone,
		urgency: consult && v.urgency === 'CRISIS' ? 'STANDARD' : v.urgency,
		crisis_step: crisis ? v.crisis_step : undefined, reason: crisis ? v.reason : undefined,
		second_party: v.urgency === 'URGENT' ? v.second_party : undefined,
		children: consult ? [] : range(v.kids).map((i) => child(v, i, persons)),
		adults: consult ? [] : range(v.grown).map((i) => adult(v, i, persons)),
		needs: consult ? [] : list, capsules: capsules({...v, anonymous}, persons),
		callback_sealed: !anonymous && Boolean(v.callback?.trim()),
		excluded_partners: consult ? [] : v.excluded_partners, languages: v.languages,
		consult_code: consult ? undefined : v.consult_code?.trim().toLowerCase() || undefined}};
}

// A refusal speaks of the message; the field on the screen may have another name.
function asTyped(problem, where) {
	const m = /^needs[[.](\d+)\]?\.(\w+)$/.exec(problem.field);
	if (m) {
		problem.field = `need.${where[m[1]]}.${m[2]}`;
	} else if (problem.field === 'callback_sealed' || problem.field === 'capsules') {
		problem.field = 'callback';
	}
	return problem;
}

// --- the parts of the screen --------------------------------------------------------------------
function Consult({form}) {
	const code = form.values.consult_code?.trim().toLowerCase() ?? '';
	const [found, set] = useState(null);
	useEffect(() => {
		if (!/^[a-z0-9]{10}$/.test(code)) {
			set(null);
			return;
		}
		api.get(`/consults/${code}`).then((c) => {
			set(c);
			form.set('reachable', (c.capsules ?? []).some((x) => x.content?.callback));
			if (c.zone && !form.values.zone) { // what was told then is not asked again
				form.set('zone', c.zone);
				form.set('urgency', c.urgency);
			}
		}, (problem) => set({problem}));
	}, [code]);
	return html`<${Field} form=${form} name="consult_code" label=${t('new.consult')}
			hint=${t('new.consult.hint')} class="short" />
		${found?.problem && html`<p class="error">${found.problem.text}</p>`}
		${found?.short_code && html`<p class="good" role="status">${t('new.consult.found', {
			state: label('consult_state', found.state), at: soon(found.received_ms)})}</p>
			<${Told} capsules=${found.capsules} />
			<p><a href=${'/aanmelding/' + code}>${t('new.consult.open')}</a></p>`}`;
}

function Caller({form}) {
	const v = form.values;
	const consult = v.kind === 'CONSULT';
	const goesOn = !consult && v.consult_code && v.reachable; // a way to call back was told then
	return html`<section aria-labelledby="n-who"><h2 id="n-who">${t('new.who')}</h2>
		<${Choice} form=${form} name="kind" label=${t('new.kind')} required
			options=${options('request_kind').reverse()} />
		${consult && html`<${Check} form=${form} name="anonymous" label=${t('new.anonymous')} />`}
		${!(consult && v.anonymous) && html`
			<${Choice} form=${form} name="who" label=${t('new.caller')} required options=${
				['PARENT', 'YOUTH', 'OTHER'].map((w) => ({value: w, label: t('new.caller.' + w)}))} />
			<div class="pair"><${Field} form=${form} name="name" label=${t('care.told.name')} />
			<${Field} form=${form} name="callback" label=${t('care.told.callback')} type="tel"
				required=${!goesOn} /></div>
			<${Field} form=${form} name="address" label=${t('new.address')} />`}
		<${Area} form=${form} name="story" label=${t('new.story')} rows="6" hint=${t('new.story.hint')} />
		${!consult && html`<${Consult} form=${form} />`}
	</section>`;
}

function Urgency({form}) {
	const v = form.values;
	const consult = v.kind === 'CONSULT';
	const list = ['CRISIS', 'URGENT', 'STANDARD', 'PREVENTIVE'].filter((u) => !consult || u !== 'CRISIS');
	const crisis = v.urgency === 'CRISIS' && !consult;
	const of = (name, codes_) => codes_.map((c) => ({value: c, label: label(name, c)}));
	return html`<section aria-labelledby="n-how"><h2 id="n-how">${t('new.how')}</h2>
		<${Choice} form=${form} name="urgency" label=${t('new.urgency')} required=${!consult}
			options=${of('urgency', list)} />
		${crisis && html`<${Choice} form=${form} name="crisis_step" label=${t('new.step')} required
				options=${of('crisis_step', ['NOW', 'TONIGHT', 'WITHIN_24H'])} />
			<${Select} form=${form} name="reason" label=${t('new.reason')} required
				options=${options('danger_reason')} />`}
		${v.urgency === 'URGENT' && html`<${Combobox} form=${form} name="second_party" required
			label=${t('new.second')} hint=${t('new.second.hint')} options=${options('party')} />`}
		<${Combobox} form=${form} name="zone" label=${t('new.zone')} required options=${options('zone')} />
	</section>`;
}

const days = () => range(DAYS).map((d) => new Intl.DateTimeFormat(getLang(), {weekday: 'short',
	timeZone: 'UTC'}).format(new Date(Date.UTC(2024, 0, 1 + d))));

function Home({form, name, number}) {
	const adults = range(form.values.grown).map((i) => ({value: i + 1, label: t('new.adult', {n: i + 1})}));
	return html`<fieldset class="field"><legend>${t('new.home', {n: number})}</legend>
		<div class="pair"><${Select} form=${form} name=${name + '.zone'} label=${t('new.zone')}
			options=${options('zone')} empty=${t('new.zone.same')} />
		<${Select} form=${form} name=${name + '.adult'} label=${t('new.home.adult')} options=${adults}
			empty=${t('new.home.nobody')} /></div>
		<div class="choices">${days().map((d, i) => html`<${Check} key=${d} form=${form}
			name=${`${name}.day${i}`} label=${d} />`)}</div>
		<${Check} form=${form} name=${name + '.safe'} label=${t('new.home.safe')} />
	</fieldset>`;
}

function Child({form, i}) {
	const name = `children.${i}`;
	const v = form.values;
	return html`<fieldset class="field row"><legend>${t('new.child', {n: i + 1})}</legend>
		<div class="pair">
		<${Field} form=${form} name=${name + '.age_years'} label=${t('new.age')} type="number"
			inputmode="numeric" min="0" max="25" required=${!v[name + '.born']} />
		<${Field} form=${form} name=${name + '.born'} label=${t('new.born')} type="date" /></div>
		<${Check} form=${form} name=${name + '.two'} label=${t('new.two')} />
		${v[name + '.two'] && range(2).map((k) => html`<${Home} key=${k} form=${form} number=${k + 1}
			name=${`${name}.stays.${k}`} />`)}
		${i > 0 && html`<${Select} form=${form} name=${name + '.apart'} label=${t('new.apart')}
			options=${options('apart_reason')} empty=${t('new.apart.no')} />
			${v[name + '.apart'] === 'DANGER' && html`<${Select} form=${form} required
				name=${name + '.apart_danger'} label=${t('new.reason')}
					options=${options('danger_reason')} />`}`}
	</fieldset>`;
}

function Adult({form, i}) {
	const name = `adults.${i}`;
	return html`<fieldset class="field row"><legend>${t('new.adult', {n: i + 1})}</legend>
		<div class="choices">
		<${Check} form=${form} name=${name + '.authority'} label=${t('new.authority')} />
		<${Check} form=${form} name=${name + '.home'} label=${t('new.athome')} />
		<${Check} form=${form} name=${name + '.conflict'} label=${t('new.conflict')} /></div>
		<${Select} form=${form} name=${name + '.limit'} label=${t('new.limit')}
			options=${options('contact_limit')} empty=${t('new.limit.none')} />
	</fieldset>`;
}

// A number of rows, one more, one less.
function Rows({form, count, least, most, row, more, less}) {
	const n = Number(form.values[count]);
	return html`${range(n).map(row)}<div class="actions small">
		${n < most && html`<button type="button" onClick=${() => form.set(count, n + 1)}>${more}</button>`}
		${n > least && html`<button type="button" class="plain" onClick=${() => form.set(count, n - 1)}>${
			less}</button>`}</div>`;
}

function Need({form, code}) {
	const name = `need.${code}`;
	const v = form.values;
	useEffect(() => Object.entries(usual(code)).forEach(([key, n]) =>
		v[`${name}.${key}`] === undefined && form.set(`${name}.${key}`, n)), [code]);
	return html`<fieldset class="field row"><legend>${label('expertise', code)}</legend>
		<div class="pair">
		<${Field} form=${form} name=${name + '.intensity'} label=${t('new.intensity')} type="number"
			min="1" required />
		<${Field} form=${form} name=${name + '.duration_weeks'} label=${t('new.weeks')} type="number"
			min="1" required /></div>
		<${Check} form=${form} name=${name + '.may'} label=${t('new.may')} />
		${v.kids > 1 && html`<${Select} form=${form} name=${name + '.child'} label=${t('new.for')}
			empty=${t('new.for.all')} options=${range(v.kids).map((i) => ({value: String(i),
				label: t('new.child', {n: i + 1})}))} />`}
	</fieldset>`;
}

function Asked({form}) {
	const names = new Intl.DisplayNames([getLang()], {type: 'language'});
	return html`<section aria-labelledby="n-help"><h2 id="n-help">${t('new.help')}</h2>
		<${Combobox} form=${form} name="needs" label=${t('new.needs')} hint=${t('new.needs.hint')}
			multiple required options=${options('expertise')} />
		${form.values.needs.map((code) => html`<${Need} key=${code} form=${form} code=${code} />`)}
		<${Combobox} form=${form} name="languages" label=${t('new.languages')} multiple
			hint=${t('new.languages.hint')}
			options=${LANGUAGES.map((l) => ({value: l, label: names.of(l)}))} />
		<${Combobox} form=${form} name="excluded_partners" label=${t('new.excluded')} multiple
			options=${options('party')} />
	</section>`;
}

// --- sending ------------------------------------------------------------------------------------
function useSending(me, form, onSent) {
	const ref = useRef({pending: readDraft(me.party)?.pending ?? null});
	const keep = () => writeDraft({party: me.party, values: form.values, pending: ref.current.pending});
	useEffect(keep, [form.values]);
	const post = async (pending) => {
		ref.current.pending = pending;
		keep();
		try {
			const receipt = await api.post('/requests', pending.body, {key: pending.key});
			ref.current.pending = null;
			return receipt;
		} catch (problem) {
			if (problem.status !== 0 && problem.status !== 503 && problem.code !== 'SIGNED_OUT') {
				ref.current.pending = null; // it was answered: nothing was made
			}
			keep();
			throw asTyped(problem, pending.where);
		}
	};
	const send = async () => {
		const receipt = await form.send(async () => {
			const fresh = {...message(form.values), key: newKey(), values: JSON.stringify(form.values)};
			const old = ref.current.pending;
			const made = await post(old ?? fresh);
			return {...made, changed: old !== null && old.values !== fresh.values};
		});
		if (receipt) {
			writeDraft(null);
			onSent(receipt);
		}
	};
	return {send, pending: ref.current.pending !== null && !form.busy};
}

function Entry({me, onSent, advice}) {
	const form = useForm({...(readDraft(me.party)?.values ?? {...first(me),
		zone: me.zones?.length === 1 ? me.zones[0] : ''}), ...(advice ? {consult_code: advice} : {})});
	const {send, pending} = useSending(me, form, onSent);
	const consult = form.values.kind === 'CONSULT';
	const onKey = (e) => {
		if (e.key !== 'Enter' || e.defaultPrevented) {
			return;
		}
		if (e.ctrlKey || e.metaKey) {
			e.preventDefault();
			send();
		} else if (e.target.tagName === 'INPUT') {
			e.preventDefault(); // half a story is not sent by a slip
		}
	};
	const box = useRef(null);
	useEffect(() => box.current.querySelector('input[type=radio]:checked')?.focus(), []);
	const clear = () => {
		writeDraft(null);
		form.reset({...first(me), zone: ''});
	};
	return html`<div ref=${box} onKeyDown=${onKey}>
		${pending && html`<p class="note warning" role="status">${t('new.pending')}</p>`}
		<${Form} form=${form} onSend=${send} submit=${t('new.send')} class="entry"
			extra=${html`<span class="hint">${t('new.send.hint')}</span>
				<button type="button" class="plain" onClick=${clear}>${t('new.clear')}</button>`}>
			<${Caller} form=${form} />
			<div><${Urgency} form=${form} />
			${!consult && html`<section aria-labelledby="n-kids"><h2 id="n-kids">${t('new.kids')}</h2>
				<${Rows} form=${form} count="kids" least="1" most="8" more=${t('new.kids.more')}
					less=${t('new.kids.less')} row=${(i) => html`<${Child} key=${i}
						form=${form} i=${i} />`} />
				</section>`}</div>
			${!consult && html`<div><${Asked} form=${form} />
				<section aria-labelledby="n-grown"><h2 id="n-grown">${t('new.grown')}</h2>
				<${Rows} form=${form} count="grown" least="0" most="6" more=${t('new.grown.more')}
					less=${t('new.grown.less')} row=${(i) => html`<${Adult} key=${i}
						form=${form} i=${i} />`} />
				</section></div>`}
		<//></div>`;
}

// --- what came of it ----------------------------------------------------------------------------
function Sent({receipt, onNext}) {
	const code = receipt.short_code;
	const data = useData(async () => (await api.get(`/requests/${code}`)).requests[0], [code], null);
	const item = data.data;
	useSoon(data.reload, item && (item.kind === 'CONSULT' || item.team));
	const box = useRef(null);
	useEffect(() => box.current.focus(), []);
	return html`<div><section class="sent" tabindex="-1" ref=${box} aria-labelledby="n-sent">
			<h2 id="n-sent">${t('new.sent')}</h2>
			<p class="number code">${code}</p>
			<p>${t('new.sent.say')}</p>
			${receipt.changed && html`<p class="note warning">${t('new.sent.before')}</p>`}
		</section>
		<${Loaded} from=${data}>${(i) => (i ? html`<div>
			<${Facts} of=${[[t('care.urgency'), urgency(i)], [t('care.children'), ages(i)],
				[t('care.next.title'), nextStep(i)], [t('care.holds'), holders(i)],
				[t('care.contact'), label('party', i.contact_party)]]} />
			${i.kind === 'SEARCH' && html`<h2>${t('care.team')}</h2>`}
			<div aria-live="polite"><${Team} item=${i} /></div>
			${i.kind === 'CONSULT' && !i.contact_party && html`<p class="note">${
				t('new.anonymous.sent')}</p>`}</div>` : '')}<//>
		<div class="actions"><button type="button" class="main" onClick=${onNext}>${t('new.again')}</button>
			<a class="button" href=${'/aanmelding/' + code}>${t('care.open')}</a>
			${item?.request.urgency === 'CRISIS' && html`<a class="button" href="/bellijst">${
				t('calls.title')}</a>`}</div></div>`;
}

export function view({me, query}) {
	const [sent, setSent] = useState(null);
	return sent ? html`<${Sent} key=${sent.short_code} receipt=${sent} onNext=${() => setSent(null)} />` :
		html`<p class="quiet">${t('new.now')}</p>
			<${Entry} me=${me} onSent=${setSent} advice=${query.get('advies')} />`;
}
