// SPDX-License-Identifier: EUPL-1.2
// A small server that stands in for the gateway where only the shell of the page is tried: it serves
// the files of the page with the gateway's headers, and answers that are made up here. What a test
// wants to go wrong it sets in `state`.
import {createReadStream, existsSync, readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {extname, join} from 'node:path';

const types = {'.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html; charset=utf-8',
	'.svg': 'image/svg+xml', '.json': 'application/json', '.txt': 'text/plain'};
const people = {
	meldpunt: {party: 'meldpunt', name: 'Meldpunt', roles: ['CONTACT_POINT']},
	regie: {party: 'regie', name: 'Regie', roles: ['COORDINATOR']},
	gezin: {party: 'gezin', name: 'Gezin', roles: ['FAMILY'], speaker: 'YOUTH'},
};

function csvRows(file) {
	const cells = (line) => [...line.matchAll(/("([^"]*)"|[^,]*)(,|$)/g)].map((m) => m[2] ?? m[1]);
	const [head, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
	return lines.map((l) => Object.fromEntries(cells(l).map((v, i) => [cells(head)[i], v])));
}

function codeLists(root) {
	const lists = {expertise: [], zone: [], party: []};
	for (const r of csvRows(join(root, 'deploy/codes/words.csv'))) {
		const name = r.enum.replace(/(?<!^)([A-Z])/g, '_$1').toLowerCase();
		const code = r.value.slice(name.length + 1);
		(lists[name] ??= []).push({code, nl: r.nl, en: r.en, youth: r.youth_nl});
	}
	for (const r of csvRows(join(root, 'deploy/codes/expertise.csv'))) {
		lists.expertise.push({code: r.code, nl: r.label_nl, en: r.label_en, youth: r.label_youth_nl});
	}
	for (const r of csvRows(join(root, 'deploy/demo-region/zones.csv'))) {
		lists.zone.push({code: r.id, nl: r.name, en: r.name});
	}
	lists.party.push({code: 'huis-a', nl: 'Huis A', en: 'Huis A'});
	return lists;
}

const ago = (days) => new Date(Date.now() - days * 86400000).toISOString();
const hex = (n) => n.toString(16).padStart(32, '0');

function directory() {
	const use = {use: 1, expertises: ['TRAUMA', 'CONTEXT_STRENGTHENING'], modality: 'MOBILE',
		age_from: 0, age_to: 17, access: 'DIRECT'};
	return {items: [
		{partner: 'huis-a', pool: 'a1', uses: [use], state: 'CONFIRMED', answer: 'HAS', free: 2,
			promised: 1, observed_at_ms: ago(1), unit: 'PLACE'},
		{partner: 'huis-b', pool: 'b1', uses: [use, {...use, use: 2}], state: 'UNCONFIRMED', free: 0,
			observed_at_ms: ago(40), unit: 'HOURS_WEEK'},
		{partner: 'huis-c', pool: 'c1', uses: [use], state: 'PAUSED', free: 0, unit: 'BED'}],
	next: hex(3)};
}

function waiting() {
	const entry = (n) => ({short_code: `3fm8xn2kq${n}`, position: n,
		request: {age_years: 10 + n, zone: 'westhoek', excluded_partners: ['huis-a']},
		need: {need_id: hex(n), expertise: 'TRAUMA', arrival_ms: ago(30 * n), must: true},
		order: {wait_class: n === 1 ? 'CRISIS' : 'ACTIVE'}, shortfall: 'NO_CAPACITY',
		review_ms: ago(-20), days_of_priority: n * 15, misses: n,
		priority: [{ground: 'NETWORK_MISS', days: 15, at_ms: ago(3)}],
		holders: [{party: 'huis-a', kind: 'NETWORK'}],
		range: [undefined, {from_days: 12, half_days: 30, until_days: 64, beyond_days: 365, judged: 40, right: 33},
			{from_days: 20, half_days: 90, until_days: 365, beyond_days: 365, judged: 40, right: 33},
			{from_days: 90, half_days: 365, until_days: 365, beyond_days: 365}][n],
		stuck: n === 2 ? [{sign: 'MOVES', count: 4, threshold: 3}] : [],
		...(n === 2 ? {breached_ms: ago(2), bridging_party: 'huis-a', bridging_until_ms: ago(-5)} : {})});
	return {entries: [1, 2, 3].map(entry), total: 3};
}

/** @return {url, state, kill(), back(), close()}; state: who, busy and drop (so many changes), streams, posts */
export async function serve(root) {
	const page = join(root, 'services/gateway/page');
	const lists = codeLists(root);
	const state = {who: null, busy: 0, drop: 0, posts: [], streams: new Set(), lastIds: [], next: 1};
	const json = (res, status, doc, head = {}) => {
		const type = status < 400 ? 'application/json' : 'application/problem+json';
		res.writeHead(status, {'Content-Type': type, ...head});
		res.end(status === 204 ? '' : JSON.stringify(doc));
	};
	const problem = (res, status, code, field, nl, en, head) =>
		json(res, status, {status, code, field, text_nl: nl, text_en: en}, head);

	function events(req, res) {
		if (!state.who) {
			problem(res, 401, 'SIGN_IN');
			return;
		}
		state.lastIds.push(req.headers['last-event-id'] ?? '');
		res.writeHead(200, {'Content-Type': 'text/event-stream'});
		res.write(': hello\n\n');
		state.streams.add(res);
		res.on('close', () => state.streams.delete(res));
	}
	state.event = (kind) => {
		const id = state.next++;
		const doc = {specversion: '1.0', id: String(id), type: 'x', data: {kind}};
		state.streams.forEach((s) => s.write(`id: ${id}\ndata: ${JSON.stringify(doc)}\n\n`));
	};

	function session(req, res, body) {
		if (req.method === 'GET') {
			json(res, 200, {code: true, oidc: state.oidc === true});
			return;
		}
		if (req.method === 'DELETE') {
			state.who = null;
			json(res, 204);
			return;
		}
		if (req.method === 'GET') {
			json(res, 200, {oidc: false});
			return;
		}
		const who = people[JSON.parse(body).code];
		if (!who) {
			problem(res, 401, 'AUTH', 'code', 'Deze code kennen we niet. Kijk ze na.',
				'We do not know this code. Check it.');
			return;
		}
		state.who = {...who, zones: [], lang: 'nl', csrf: 'geheim'};
		json(res, 201, state.who);
	}

	function answer(req, res, path, body) {
		if (state.busy > 0 && req.method !== 'GET') {
			state.busy--;
			problem(res, 503, 'BUSY', '', 'Druk', 'Busy', {'Retry-After': '1'});
		} else if (state.drop > 0 && req.method !== 'GET') {
			state.drop--; // it was done, and the answer is lost
			session({method: req.method}, {writeHead() {}, end() {}}, body);
			res.destroy();
		} else if (path === '/session') {
			session(req, res, body);
		} else if (path === '/me') {
			state.who ? json(res, 200, state.who) : problem(res, 401, 'AUTH');
		} else if (path === '/events') {
			events(req, res);
		} else if (path.startsWith('/codes/')) {
			json(res, 200, Object.fromEntries(path.slice(7).split(',').map((n) => [n, lists[n] ?? []])));
		} else if (path === '/proef') {
			const {'children.0.age': age} = JSON.parse(body);
			age === '13' ? json(res, 201, {outcome: 'ACCEPTED'}) : problem(res, 422, 'OUT_OF_RANGE',
				'children[0].age', 'Geef een leeftijd van 0 tot 25.', 'Give an age from 0 to 25.');
		} else if (path === '/clock') {
			json(res, 200, {now: new Date().toISOString()});
		} else if (path === '/directory') {
			json(res, 200, directory());
		} else if (path === '/waiting') {
			state.who ? json(res, 200, waiting()) : problem(res, 401, 'AUTH');
		} else {
			problem(res, 404, 'NOT_FOUND', '', 'Dit is er niet.', 'This is not there.');
		}
	}

	const server = createServer((req, res) => {
		const path = new URL(req.url, 'http://x').pathname;
		res.setHeader('Content-Security-Policy', "default-src 'self'");
		let body = '';
		req.on('data', (c) => (body += c));
		req.on('end', () => {
			if (req.method !== 'GET') {
				state.posts.push({path, key: req.headers['idempotency-key'], csrf: req.headers['x-csrf']});
			}
			if (path === '/healthz') {
				res.end('ok');
			} else if (/^\/(api|codes|session)(\/|$)/.test(path)) {
				answer(req, res, path.replace('/api/v1', ''), body);
			} else {
				// The gallery of parts is one page more here, and in no program.
				const named = path === '/static/pages/gallery.js';
				if (path === '/static/pages/index.js') {
					res.setHeader('Content-Type', types['.js']);
					res.end(`${readFileSync(join(page, 'pages/index.js'))}\nindex.gallery = {path: ['/galerij']};`);
					return;
				}
				const file = named ? join(root, 'tests/browser/gallery.js') : join(page, path.startsWith('/static/') ? path.slice(8) : 'index.html');
				if (!named && !file.startsWith(page) || !existsSync(file)) {
					res.writeHead(404).end();
					return;
				}
				res.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream');
				createReadStream(file).pipe(res);
			}
		});
	});
	const listen = (port) => new Promise((done) => server.listen(port, '127.0.0.1', done));
	await listen(0);
	const port = server.address().port;
	return {url: `http://127.0.0.1:${port}`, state,
		/** as if the gateway were killed; back() starts it again */
		kill: () => new Promise((done) => {
			server.close(done);
			server.closeAllConnections();
		}),
		back: () => listen(port),
		close: () => new Promise((done) => {
			server.close(done);
			server.closeAllConnections();
		})};
}
