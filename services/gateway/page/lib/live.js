// SPDX-License-Identifier: EUPL-1.2
// The stream of events, and what the page knows of its connection. One for the whole page.
//   useLive(['REQUEST_CHANGED'], reload)   (lib/ui.js) runs reload when such an event came, at most
//                                          once a second, and once after a connection that was lost
// Who may not read events (nobody signed in, a family) gets a pulse instead: the gateway is asked
// every PULSE_S whether it is there. Paused: events are counted, no page reloads.
import {getLang} from './i18n.js';

const QUIET_S = 40; // the gateway sends at least a comment every 15 s
const PULSE_S = 10;
const BACKOFF_MS = [300, 600, 1200, 2500, 5000];
const TOGETHER_MS = 1000;

/**
 * state: 'starting' | 'on' | 'lost'; since, shownAt: instants (shownAt: of the data on the page);
 * events: they come in, so there is something to pause; parts: daemons that the gateway does not hear
 */
export const live = {state: 'starting', since: new Date(), shownAt: null, events: false, paused: false,
	waiting: 0, changes: 0, parts: []};

const watchers = new Set();
const listeners = new Set();
let lastId = '';
let generation = 0;
let stop = null;
let tries = 0;
let together = null;
const pending = new Set();

function tell() {
	watchers.forEach((fn) => fn());
}

/** fn() after each change of `live`. @return how to end it */
export function watch(fn) {
	watchers.add(fn);
	return () => watchers.delete(fn);
}

/** kinds: null is every event. fn(events): what came since the last call; [] after a lost line. */
export function listen(kinds, fn) {
	const one = {kinds: kinds && new Set(kinds), fn, events: []};
	listeners.add(one);
	return () => {
		listeners.delete(one);
		pending.delete(one);
	};
}

function become(state) {
	if (live.state !== state) {
		live.state = state;
		live.since = new Date();
		tell();
	}
}

function flush() {
	together = null;
	if (live.paused) {
		return;
	}
	const due = [...pending];
	pending.clear();
	for (const one of due) {
		const events = one.events;
		one.events = [];
		one.fn(events);
	}
}

function soon() {
	together ??= setTimeout(flush, TOGETHER_MS);
}

function arrive(event) {
	live.changes++;
	live.waiting += live.paused ? 1 : 0;
	for (const one of listeners) {
		if (one.kinds === null || one.kinds.has(event.kind)) {
			one.events.push(event);
			pending.add(one);
		}
	}
	soon();
	tell();
}

export function setPaused(paused) {
	live.paused = paused;
	live.waiting = 0;
	if (!paused) {
		soon();
	}
	tell();
}

/** Data of now is on the page. */
export function shown() {
	live.shownAt = new Date();
	tell();
}

// What every page shows may be old now.
function everyone() {
	listeners.forEach((one) => pending.add(one));
	soon();
}

function connected() {
	const again = live.state === 'lost';
	tries = 0;
	become('on');
	if (again) {
		everyone();
	}
}

// "hello" and "state" tell which daemons the gateway hears; "reset": it cannot go on from where we were.
function take(name, doc) {
	if (name === 'hello' || name === 'state') {
		const parts = Object.keys(doc).filter((d) => doc[d].state !== 'ok');
		const back = live.parts.some((d) => !parts.includes(d));
		const same = parts.join() === live.parts.join();
		live.parts = parts;
		if (back) {
			everyone();
		}
		if (!same) {
			tell();
		}
	} else if (name === 'reset') {
		everyone();
	} else {
		arrive(doc.data ?? doc);
	}
}

// One message of the stream: lines "id:", "event:", "data:"; comments.
function message(text) {
	const said = {id: '', event: '', data: ''};
	for (const line of text.split('\n')) {
		const [, name, value] = line.match(/^(id|event|data): ?(.*)$/) ?? [];
		if (name) {
			said[name] += value;
		}
	}
	lastId = said.id || lastId;
	if (said.data === '') {
		return;
	}
	try {
		take(said.event, JSON.parse(said.data));
	} catch (e) {
		console.error('an event that is not as it should be', e);
	}
}

async function readAll(body, alive) {
	const reader = body.pipeThrough(new TextDecoderStream()).getReader();
	let rest = '';
	for (;;) {
		const {value, done} = await reader.read();
		if (done) {
			return;
		}
		alive();
		rest = (rest + value).replaceAll('\r\n', '\n');
		const parts = rest.split('\n\n');
		rest = parts.pop();
		parts.forEach(message);
	}
}

/** @return 'again' | 'refused' */
async function stream(signal, abort) {
	const headers = {Accept: 'text/event-stream', 'Accept-Language': getLang()};
	if (lastId !== '') {
		headers['Last-Event-ID'] = lastId;
	}
	let quiet = setTimeout(abort, QUIET_S * 1000);
	const alive = () => {
		clearTimeout(quiet);
		quiet = setTimeout(abort, QUIET_S * 1000);
	};
	try {
		const r = await fetch('/api/v1/events', {headers, signal, cache: 'no-store'});
		if (r.status === 401) {
			dispatchEvent(new CustomEvent('signed-out')); // the session came to its end
		}
		if ([401, 403, 404, 406].includes(r.status)) {
			return 'refused';
		}
		if (r.ok) {
			live.events = true;
			connected();
			await readAll(r.body, alive);
		}
		return 'again';
	} finally {
		clearTimeout(quiet);
	}
}

async function pulse(signal, abort) {
	const late = setTimeout(abort, PULSE_S * 1000);
	try {
		const r = await fetch('/healthz', {signal, cache: 'no-store'});
		if (r.status >= 500) {
			return 'again';
		}
		connected();
		return 'pulse';
	} finally {
		clearTimeout(late);
	}
}

async function keepUp(mine, events) {
	let ask = events ? stream : pulse;
	while (mine === generation) {
		const controller = new AbortController();
		stop = () => controller.abort();
		let how = 'again';
		try {
			how = await ask(controller.signal, stop);
		} catch {
			how = 'again';
		}
		if (mine !== generation) {
			return;
		}
		let ms = PULSE_S * 1000;
		if (how === 'refused') {
			ask = pulse;
			ms = 0;
		} else if (how === 'again') {
			become('lost');
			ms = BACKOFF_MS[Math.min(tries++, BACKOFF_MS.length - 1)];
		}
		await nap(ms);
	}
}

let wake = null;
function nap(ms) {
	return new Promise((done) => {
		const timer = setTimeout(done, ms);
		wake = () => {
			clearTimeout(timer);
			done();
		};
	});
}

/** events: whether who is signed in may read them */
export function connect(events) {
	disconnect();
	lastId = '';
	live.events = false;
	live.paused = false;
	live.parts = [];
	become('starting');
	keepUp(generation, events);
}

export function disconnect() {
	generation++;
	stop?.();
	wake?.();
}

addEventListener('online', () => wake?.());
document.addEventListener('visibilitychange', () => document.hidden || wake?.());
