// SPDX-License-Identifier: EUPL-1.2
// Requests to the gateway. An answer that is no success is thrown as a Problem (RFC 9457), with the
// texts that people read and the field that it is about.
//   const view = await api.get('/waiting', {limit: 50});
//   const receipt = await api.post(`/requests/${code}/goal`, {...}, {key: newKey()});
// Paths are below /api/v1, but for /session and /codes. A change carries an Idempotency-Key, so that it
// may be sent again after a lost answer: this is done here, for BUSY after its Retry-After and for a
// lost connection, for RETRY_S at most. Keep the key yourself to try again later without doing it
// twice (useForm of lib/ui.js does).
import {codesFrom, getLang, both, t} from './i18n.js';

const BASE = '/api/v1';
const RETRY_S = 20;
let csrf = '';
let skewMs = 0;

export class Problem extends Error {
	constructor(doc, status = 0) {
		super(doc.code || doc.title || 'problem');
		this.status = status || doc.status || 0;
		this.code = doc.code || '';
		this.field = doc.field || '';
		this.textNl = doc.text_nl || doc.detail || '';
		this.textEn = doc.text_en || doc.detail || '';
		this.holdsNow = doc.holds_now;
		this.rows = doc.rows ?? []; // of a table that was refused: {row, field, text_nl, text_en}
		this.retryAfterS = 0;
	}

	get text() {
		const ours = this.code === 'OFFLINE' || this.code === 'SIGNED_OUT';
		const own = ours ? '' : both(this.textNl, this.textEn);
		return own || t(ours || this.code === 'BUSY' ? 'problem.' + this.code : 'problem.other',
			{n: this.status});
	}
}

/** A UUIDv7: sorts by time, is never made twice. */
export function newKey() {
	const b = crypto.getRandomValues(new Uint8Array(16));
	let ms = Date.now();
	for (let i = 5; i >= 0; i--) {
		b[i] = ms % 256;
		ms = Math.floor(ms / 256);
	}
	b[6] = 0x70 | (b[6] & 0x0f);
	b[8] = 0x80 | (b[8] & 0x3f);
	const hex = [...b].map((x) => x.toString(16).padStart(2, '0')).join('');
	return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The node's clock: by it figures are so many days old. That of a demo is far off, and hurries. */
export function now() {
	return new Date(Date.now() + skewMs);
}

const DEMO_MS = 120000;
const DEMO_ASK_MS = 5000;

async function askClock() {
	try {
		const {now: told} = await api.get('/clock', undefined, {quiet: true, retry: false});
		skewMs = Date.parse(told) - Date.now() || 0;
	} catch {
		// asked again later; until then the clock of before goes on
	}
}

/** Once, when the page begins. */
export async function keepClock() {
	await askClock();
	setInterval(() => Math.abs(skewMs) > DEMO_MS && !document.hidden && askClock(), DEMO_ASK_MS);
}

function address(path, query) {
	const whole = /^\/(api|codes|session)(\/|$)/.test(path);
	const url = new URL(whole ? path : BASE + path, location.origin);
	for (const [name, value] of Object.entries(query ?? {})) {
		if (value !== undefined && value !== null && value !== '' && value !== false) {
			url.searchParams.set(name, value);
		}
	}
	return url;
}

async function readProblem(r) {
	let doc = {};
	try {
		doc = await r.json();
	} catch {
		doc = {};
	}
	const p = new Problem(doc, r.status);
	p.retryAfterS = Number(r.headers.get('Retry-After')) || 0;
	if (r.status === 503 && !p.code) {
		p.code = 'BUSY';
	}
	return p;
}

async function once(url, init) {
	let r;
	try {
		r = await fetch(url, init);
	} catch (e) {
		if (e.name === 'AbortError') {
			throw e;
		}
		throw new Problem({code: 'OFFLINE'});
	}
	if (!r.ok) {
		throw await readProblem(r);
	}
	if (r.status === 204) {
		return null;
	}
	try {
		return r.headers.get('Content-Type')?.includes('json') ? await r.json() : await r.text();
	} catch {
		throw new Problem({code: 'OFFLINE'}); // it broke off
	}
}

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/** How long to wait before another try; 0: none. */
function pauseMs(problem, tries, untilMs, signal) {
	const again = problem.code === 'OFFLINE' || problem.status === 503 || problem.status === 429;
	const ms = Math.max(problem.retryAfterS * 1000, 250 * 2 ** tries);
	return again && !signal?.aborted && Date.now() + ms < untilMs ? ms : 0;
}

async function send(method, path, {query, body, key, headers, signal, quiet, retry = true} = {}) {
	const change = method !== 'GET';
	const init = {method, signal, credentials: 'same-origin', cache: 'no-cache', headers: {
		Accept: 'application/json', 'Accept-Language': getLang(), ...headers}};
	if (change) {
		init.headers['Idempotency-Key'] = key ?? newKey();
		init.headers['X-CSRF'] = csrf;
	}
	if (body !== undefined) {
		const text = typeof body === 'string';
		init.headers['Content-Type'] ??= text ? 'text/plain; charset=utf-8' : 'application/json';
		init.body = text ? body : JSON.stringify(body);
	}
	const untilMs = Date.now() + (retry && change ? RETRY_S * 1000 : retry ? 4000 : 0);
	let renewed = false;
	for (let tries = 0; ; tries++) {
		try {
			return await once(address(path, query), init);
		} catch (problem) {
			if (!(problem instanceof Problem)) {
				throw problem;
			}
			if (problem.status === 401 && !quiet) {
				problem.code = 'SIGNED_OUT';
				dispatchEvent(new CustomEvent('signed-out'));
			}
			if (problem.code === 'CSRF' && !renewed) {
				renewed = true; // the session was renewed meanwhile, and its token with it
				await whoAmI();
				init.headers['X-CSRF'] = csrf;
				continue;
			}
			const ms = pauseMs(problem, tries, untilMs, signal);
			if (ms === 0) {
				throw problem;
			}
			await wait(ms);
		}
	}
}

/**
 * options: query (GET), key, headers (such as If-Match), signal (of an AbortController),
 * quiet (a 401 is not told to the shell), retry: false
 */
export const api = {
	get: (path, query, options) => send('GET', path, {...options, query}),
	post: (path, body, options) => send('POST', path, {...options, body}),
	put: (path, body, options) => send('PUT', path, {...options, body}),
	patch: (path, body, options) => send('PATCH', path, {...options, body}),
	del: (path, options) => send('DELETE', path, options),
};

// --- who is signed in ---------------------------------------------------------------------------
/** {party, name, roles, speaker, request, zones, lang, csrf}, or null: nobody. Fails when offline. */
export async function whoAmI() {
	try {
		return keep(await api.get('/me', undefined, {quiet: true}));
	} catch (problem) {
		if (problem.status === 401 || problem.status === 403) {
			return keep(null);
		}
		throw problem;
	}
}

export async function signIn(code) {
	return keep(await api.post('/session', {code}, {quiet: true}));
}

export async function signOut() {
	try {
		await api.del('/session', {quiet: true});
	} catch (problem) {
		if (problem.status !== 401) { // it was over already
			throw problem;
		}
	} finally {
		keep(null);
	}
}

/** Ends the session without waiting for an answer: the page goes at once. */
export function signOutAtOnce() {
	fetch('/session', {method: 'DELETE', keepalive: true, headers: {'X-CSRF': csrf}}).catch(() => {});
	keep(null);
}

function keep(me) {
	csrf = me?.csrf ?? '';
	return me?.party ? me : null;
}

codesFrom((names) => api.get(`/codes/${names.join()}`, undefined, {quiet: true}));
