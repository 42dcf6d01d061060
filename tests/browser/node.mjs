// SPDX-License-Identifier: EUPL-1.2
// A node of real daemons and a gateway in the test's own directory, with the demo region as it is
// after some days. Started, killed and ended by process id.
import {execFileSync, spawn} from 'node:child_process';
import {appendFileSync, openSync, readFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';

import {check, until} from './browser.mjs';

const bin = process.env.SCHAKEL_BIN;
const root = process.env.SCHAKEL_ROOT;
const daemons = ['intake', 'waitlist', 'matching'];
const READY_MS = 60000;

function freePort() {
	return new Promise((done) => {
		const s = createServer();
		s.listen(0, '127.0.0.1', () => {
			const {port} = s.address();
			s.close(() => done(port));
		});
	});
}

export class Node {
	constructor(dir, port) {
		this.dir = dir;
		this.url = `http://127.0.0.1:${port}`;
		this.running = new Map();
	}

	/** The demo region after `days`, its daemons and its gateway at work. */
	static async make({days = 3, name = 'node'} = {}) {
		const node = new Node(join(process.env.SCHAKEL_DIR, name), await freePort());
		node.run('demo', node.dir, '--days', String(days), '--quiet', '--region',
			join(root, 'deploy/demo-region'));
		appendFileSync(join(node.dir, 'schakel.ini'),
			`\n[gateway]\nbind = ${node.url.slice(7)}\nmetrics_bind = 127.0.0.1:${await freePort()}\n`);
		try {
			daemons.forEach((d) => node.start(d));
			await node.gateway();
		} catch (e) {
			node.end();
			throw e;
		}
		return node;
	}

	/** The command; what it printed. */
	run(...args) {
		return execFileSync(join(bin, 'schakel'), args, {encoding: 'utf8', timeout: 120000,
			stdio: ['ignore', 'pipe', 'pipe'], env: {...process.env, SCHAKEL_NODE: this.dir}});
	}

	json(...args) {
		return JSON.parse(this.run(...args, '--json'));
	}

	/** What people of a party sign in with. */
	code(party) {
		return this.json('access', 'code', party).code;
	}

	/** A request as a program of the party; the answer as {status, doc}. */
	async ask(party, method, path, body) {
		const {token} = this.json('access', 'token', party);
		const r = await fetch(this.url + path, {method, headers: {Authorization: `Bearer ${token}`,
			'Content-Type': 'application/json'}, body: body && JSON.stringify(body)});
		return {status: r.status, doc: await r.json()};
	}

	start(name) {
		const log = openSync(join(process.env.SCHAKEL_DIR, `${name}.log`), 'a');
		const p = spawn(join(bin, `schakel-${name}d`), ['--config', this.dir],
			{stdio: ['ignore', log, log]});
		p.gone = new Promise((done) => p.on('exit', (code, signal) => done(signal ?? code)));
		this.running.set(name, p);
	}

	/** The gateway is started and every daemon answers it. */
	async gateway() {
		this.start('gateway');
		await until('the gateway is ready', async () => {
			try {
				return (await fetch(this.url + '/readyz')).ok;
			} catch {
				return false;
			}
		}, READY_MS);
	}

	async kill(name, signal = 'SIGKILL') {
		const p = this.running.get(name);
		this.running.delete(name);
		p.kill(signal);
		return p.gone;
	}

	log(name) {
		return readFileSync(join(process.env.SCHAKEL_DIR, `${name}.log`), 'utf8');
	}

	/** Ends all of it; each must go in order. */
	async stop() {
		for (const name of [...this.running.keys()].reverse()) {
			const code = await this.kill(name, 'SIGTERM');
			check(code === 0, `${name} ended with ${code}:\n${this.log(name).slice(-2000)}`);
		}
	}

	end() {
		this.running.forEach((p) => p.kill('SIGKILL'));
		this.running.clear();
	}
}
