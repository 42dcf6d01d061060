// SPDX-License-Identifier: EUPL-1.2
// Words, dates, numbers and labels of codes, in the reader's language. Dutch is the first language:
// a key stands in lang/nl.js and lang/en.js or in neither (a lint checks it).
//   t('live.lost', {since: '14:05'})      text of a key; {name} is filled in
//   await loadCodes('expertise', 'zone')   once per page (a page names them in `codes`)
//   label('urgency', 'CRISIS')             "crisis"; never the code itself
//   await loadLang('en'); setLang('en')    a catalogue is fetched when somebody reads it
//   await needWords(['family'])            from now on these words too, in whatever language
const catalogues = {nl: {}, en: {}};
const fetched = new Set();
const needed = new Set(['shell']);
const zone = 'Europe/Brussels';
const locales = {nl: 'nl-BE', en: 'en-GB'};
let lang = 'nl';

export function getLang() {
	return lang;
}

const known = (name) => (name === 'en' ? 'en' : 'nl');

/** Fails when offline. */
export async function loadLang(next) {
	const to = known(next);
	await Promise.all([...needed].map(async (part) => {
		const file = part ? `${to}_${part}` : to;
		if (!fetched.has(file)) {
			Object.assign(catalogues[to], (await import(`../lang/${file}.js`)).default);
			fetched.add(file);
		}
	}));
}

/** parts: of lang/, '' for what all who work here read. Fails when offline. */
export function needWords(parts) {
	parts.forEach((part) => needed.add(part));
	return loadLang(lang);
}

/** One that is loaded. */
export function setLang(next) {
	lang = known(next);
	document.documentElement.lang = lang;
}

// A text in the catalogue is a string with {names}, or [one, many] that is chosen by {n}.
export function t(key, args = {}) {
	let text = catalogues[lang][key];
	if (text === undefined) {
		console.error('no text for ' + key);
		return '…';
	}
	if (Array.isArray(text)) {
		text = Number(args.n) === 1 ? text[0] : text[1];
	}
	return text.replace(/\{(\w+)\}/g, (all, name) => {
		const value = args[name] ?? '';
		return typeof value === 'number' ? number(value) : String(value);
	});
}

// The text of an answer that brings both languages (problems, receipts).
export function both(nlText, enText) {
	return lang === 'en' ? enText || nlText : nlText || enText;
}

const formats = new Map();
function format(name, options) {
	const key = lang + name;
	if (!formats.has(key)) {
		formats.set(key, new Intl.DateTimeFormat(locales[lang], {timeZone: zone, ...options}));
	}
	return formats.get(key);
}

function instant(value) {
	const d = value instanceof Date ? value : new Date(value ?? NaN);
	return Number.isNaN(d.getTime()) ? null : d;
}

/** 3/12/2026 */
export function date(value) {
	const d = instant(value);
	return d ? format('d', {day: 'numeric', month: 'numeric', year: 'numeric'}).format(d) : '';
}

/** donderdag 3 december; the year where it is another one than now's */
export function day(value, now = new Date()) {
	const d = instant(value);
	const options = {weekday: 'long', day: 'numeric', month: 'long'};
	if (!d) {
		return '';
	}
	return d.getFullYear() === now.getFullYear() ? format('w', options).format(d) :
		format('wy', {...options, weekday: undefined, year: 'numeric'}).format(d);
}

/** 14:05 */
export function time(value) {
	const d = instant(value);
	const options = {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'};
	return d ? format('t', options).format(d) : '';
}

/** 14:05 today, else 3/12/2026 14:05 */
export function when(value, now = new Date()) {
	const day = date(value);
	return day === date(now) ? time(value) : `${day} ${time(value)}`.trim();
}

/** "3 minuten geleden"; what lies ahead (clocks differ) is "zojuist" */
export function ago(value, now = new Date()) {
	const d = instant(value);
	if (!d) {
		return t('age.unknown');
	}
	const minutes = Math.floor((now - d) / 60000);
	if (minutes < 1) {
		return t('age.now');
	}
	if (minutes < 60) {
		return t('age.minutes', {n: minutes});
	}
	if (minutes < 48 * 60) {
		return t('age.hours', {n: Math.floor(minutes / 60)});
	}
	return t('age.days', {n: Math.floor(minutes / 1440)});
}

/** whole days from one instant to another, at least 0 */
export function days(from, to = new Date()) {
	const a = instant(from);
	const b = instant(to);
	return a && b ? Math.max(0, Math.floor((b - a) / 86400000)) : 0;
}

/** 1.234,5 */
export function number(value, digits = 1) {
	return new Intl.NumberFormat(locales[lang], {maximumFractionDigits: digits}).format(value);
}

// --- labels of codes ----------------------------------------------------------------------------
const lists = new Map();
let fetchList = null;

/** how lists are fetched, by their names: {name: [{code, nl, en, youth}]}; set once, by lib/api.js */
export function codesFrom(fn) {
	fetchList = fn;
}

/** Fetches the lists that are not here yet. Fails as api.get() does. */
export async function loadCodes(...names) {
	const lacking = names.filter((n) => !lists.has(n));
	const found = lacking.length > 0 ? await fetchList(lacking) : {};
	lacking.forEach((n) => lists.set(n, new Map(found[n].map((c) => [c.code, c]))));
}

/** All of a list, in its order. */
export function entries(list) {
	return [...(lists.get(list)?.values() ?? [])];
}

/** Whether there is a text. */
export const has = (key) => key in catalogues[lang];

/** All that stands in a list for a code (of a party: phone), or nothing. */
export function entry(list, code) {
	return lists.get(list)?.get(code);
}

/** What people read for a code. youth, parent: as these read it (level B1). */
export function label(list, code, {youth = false, parent = false} = {}) {
	if (code === undefined || code === null || code === '') {
		return '';
	}
	const c = lists.get(list)?.get(code);
	if (!c) {
		// A party without a name is shown by its id, which people know; a code never is.
		return list === 'party' ? String(code) : t('code.unknown');
	}
	const plain = lang === 'en' ? c.en : c.nl;
	const young = lang === 'en' ? c.youth_en : c.youth;
	const own = lang === 'en' ? c.parent_en : c.parent;
	return (parent && own) || ((youth || parent) && young) || plain || c.nl || t('code.unknown');
}

/** The list as choices for a form, by label. */
export function options(list, {youth = false, parent = false, filter = () => true} = {}) {
	const all = [...(lists.get(list)?.values() ?? [])].filter(filter);
	return all
		.map((c) => ({value: c.code, label: label(list, c.code, {youth, parent})}))
		.sort((a, b) => a.label.localeCompare(b.label, lang));
}
