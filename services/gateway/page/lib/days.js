// SPDX-License-Identifier: EUPL-1.2
// Days as a date field has them ("2026-12-01") and instants as the API has them; lists of more pages.
import {api, now} from './api.js';
import {useEffect, useRef} from './ui.js';
import {live} from './live.js';

const DAY_MS = 86400000;
const zone = 'Europe/Brussels';
const dayOf = new Intl.DateTimeFormat('en-CA', {timeZone: zone, year: 'numeric', month: '2-digit',
	day: '2-digit'});
const hourOf = new Intl.DateTimeFormat('en-GB', {timeZone: zone, hour: '2-digit', hourCycle: 'h23'});

/** The day that many days from now. */
export function day(ahead = 0) {
	return dayOf.format(new Date(now().getTime() + ahead * DAY_MS));
}

/** The next day that most houses are open: Monday to Friday. */
export function workday() {
	let ahead = 1;
	while ([0, 6].includes(new Date(day(ahead) + 'T12:00:00Z').getUTCDay())) {
		ahead++;
	}
	return day(ahead);
}

/** The day of an instant, '' for none. */
export const dayOfInstant = (at) => (at ? dayOf.format(new Date(at)) : '');

/** The instant at which a day begins here; undefined for none, which JSON leaves out. */
export function midnight(text) {
	const utc = new Date(`${text}T00:00:00Z`);
	if (!text || Number.isNaN(utc.getTime())) {
		return undefined;
	}
	const ahead = Number(hourOf.format(utc)); // 1 or 2 hours before it is midnight elsewhere
	return new Date(utc - ahead * 3600000).toISOString().replace('.000', '');
}

/** All pages of a list (at most `most`) as one; whether there is more stands in `next`. */
export async function all(path, query, list, most = 8) {
	const whole = {[list]: [], next: ''};
	for (let i = 0; i < most && (i === 0 || whole.next); i++) {
		const page = await api.get(path, {...query, after: whole.next});
		whole[list].push(...(page[list] ?? []));
		whole.next = page.next ?? '';
	}
	return whole;
}

/** Runs fn every so many seconds, for who gets no events; not while paused or out of sight. */
export function useEvery(seconds, fn) {
	const ref = useRef(fn);
	ref.current = fn;
	useEffect(() => {
		const timer = setInterval(() => !live.paused && !document.hidden && ref.current(),
			seconds * 1000);
		return () => clearInterval(timer);
	}, [seconds]);
}
