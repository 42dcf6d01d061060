// SPDX-License-Identifier: EUPL-1.2
// What browser tests say to a running node (node.mjs): as a person in the page, as a program.
import {check, until} from './browser.mjs';

/** Signs in with the party's own code. */
export async function signIn(page, node, party) {
	await page.goto(node.url + '/aanmelden');
	await page.getByLabel('Je code').fill(node.code(party));
	await page.keyboard.press('Enter');
	await page.getByRole('button', {name: 'Afmelden'}).waitFor();
}

/** As a program of that party. */
export async function call(node, party, path, {method = 'GET', body, headers} = {}) {
	const token = node.json('access', 'token', party).token;
	const r = await fetch(`${node.url}/api/v1${path}`, {method, body: body && JSON.stringify(body),
		headers: {Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...headers}});
	const doc = await r.json();
	check(r.ok, `${method} ${path}: ${r.status} ${JSON.stringify(doc)}`);
	return doc;
}

/** Ids of all parties of the node. */
export async function parties(node) {
	return (await (await fetch(`${node.url}/codes/party`)).json()).party.map((p) => p.code);
}

/** Nothing is being fetched for the first time. */
export const rest = (page) => until('rest', () =>
	page.evaluate(() => !document.querySelector('.busy')));
