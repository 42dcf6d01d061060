// SPDX-License-Identifier: EUPL-1.2
// Who carries a request: a crisis taken by telephone, the call list, the night plan, the codes.
import {accessible, check, equal, everyWay, suite, until} from './browser.mjs';
import {Node} from './node.mjs';

async function signIn(page, node, party) {
	await page.goto(node.url + '/aanmelden');
	await page.getByLabel('Je code').fill(node.code(party));
	await page.keyboard.press('Enter');
	await page.getByRole('button', {name: 'Afmelden'}).waitFor();
}

/** Presses Tab until the focus is on the field of that label. */
async function tabTo(page, label) {
	for (let i = 0; i < 40; i++) {
		await page.keyboard.press('Tab');
		const at = await page.evaluate(() => {
			const e = document.activeElement;
			const group = e.type === 'radio' ? e.closest('fieldset')?.querySelector('legend') : null;
			return (group ?? e.labels?.[0] ?? e).textContent.trim();
		});
		if (at.startsWith(label)) {
			return;
		}
	}
	throw new Error(`Tab does not come to: ${label}`);
}

// By keyboard alone, with what a worker types: told, dated, sent; the number and the team show.
async function typeCrisis(page, {story = 'Zoon van 14 wil niet meer naar huis.'} = {}) {
	const k = page.keyboard;
	await page.getByRole('heading', {name: 'Nieuwe aanmelding'}).waitFor();
	await tabTo(page, 'Naam');
	await k.type('Mia');
	await tabTo(page, 'Terugbellen op');
	await k.type('0470 00 00 00');
	await tabTo(page, 'Wat er aan de hand is');
	await k.type(story);
	await tabTo(page, 'Wanneer moet er iets zijn');
	await k.press('ArrowDown');
	await tabTo(page, 'Waarom is het gevaarlijk');
	await k.type('geen');
	await tabTo(page, 'Streek');
	await k.type('midden');
	await k.press('Enter');
	await tabTo(page, 'Leeftijd');
	await k.type('14');
	await tabTo(page, 'Hulp die nodig is');
	await k.type('crisisver');
	await k.press('Enter');
	await k.type('crisisbeg');
	await k.press('Enter');
}

async function crisisByKeyboard(b, node) {
	const page = await b.open();
	await signIn(page, node, 'meldpunt');
	await page.getByRole('heading', {name: 'Nieuwe aanmelding'}).waitFor();
	await everyWay(b, page, 'new');
	await page.reload();
	const begun = Date.now();
	await typeCrisis(page);
	await b.shoot(page, 'new-typed');
	await accessible(page, 'new typed');
	await page.keyboard.press('Control+Enter');
	await page.getByText('Dit is het nummer').waitFor();
	check(Date.now() - begun < 60000, 'longer than a minute');
	await page.getByText('gevraagd').first().waitFor({timeout: 3000});
	await b.shoot(page, 'new-sent');
	await accessible(page, 'new sent');
	equal(await page.evaluate(() => sessionStorage.getItem('draft.request')), null, 'the draft');
	await page.context().close();
}

/** A crisis over the API, as another system sends it; its number. */
async function crisis(page) {
	return page.evaluate(async () => {
		const me = await (await fetch('/api/v1/me')).json();
		const id = (n) => n.toString(16).padStart(32, '0');
		const r = await fetch('/api/v1/requests', {method: 'POST', headers: {'X-CSRF': me.csrf,
			'Content-Type': 'application/json'}, body: JSON.stringify({kind: 'SEARCH', zone: 'midden-wvl',
			urgency: 'CRISIS', crisis_step: 'TONIGHT', reason: 'NO_SAFE_PLACE', children: [{age_years: 14}],
			adults: [{number: 1, authority: true, home: true}], callback_sealed: true,
			needs: [{expertise: 'CRISIS_STAY', intensity: 1, duration_weeks: 1, must: true}],
			capsules: [{person_id: id(Date.now()), content: {name: 'Mia', callback: '0470 00 00 00'}}]})});
		return (await r.json()).short_code;
	});
}

// Two taps: what the partner said, and from when; the request then says so too.
async function answerIsNoted(b, node) {
	const page = await b.open();
	await signIn(page, node, 'meldpunt');
	const code = await crisis(page);
	await page.goto(node.url + '/bellijst');
	await page.getByRole('link', {name: code}).first().waitFor();
	await page.getByRole('link', {name: /051 00 00/}).first().waitFor();
	const row = page.getByRole('row').filter({has: page.getByRole('button', {name: 'wij kunnen', exact: true})});
	await row.first().waitFor();
	const before = await row.count();
	const who = (await row.first().getByRole('rowheader').innerText()).split('\n')[0];
	await row.first().getByRole('button', {name: 'nu niet, wel vanaf …'}).click();
	await accessible(page, 'an answer half noted');
	await b.shoot(page, 'calls-answer');
	await row.first().getByRole('button', {name: 'over twee weken'}).click();
	await page.getByText(`Genoteerd voor ${who}`).waitFor();
	await until('the row to go', async () => await row.count() < before);
	await page.context().close();
}

// Three taps: who is with the child, who was called, keep; the hour is proposed.
async function nightPlanInThreeTaps(b, node) {
	const page = await b.open();
	await signIn(page, node, 'meldpunt');
	const code = await crisis(page);
	await page.goto(node.url + '/bellijst');
	const card = page.getByRole('listitem').filter({has: page.getByRole('link', {name: code})});
	await card.waitFor();
	if (!await card.getByLabel('familie of vrienden').isVisible()) {
		await card.getByText('Nachtplan', {exact: true}).click();
	}
	await everyWay(b, page, 'calls');
	await card.getByLabel('familie of vrienden').check();
	await card.getByLabel('politie').check();
	await card.getByRole('button', {name: 'Bewaar het nachtplan'}).click();
	await page.getByText(`Het nachtplan van ${code} is bewaard.`).waitFor();
	await card.getByText('We bellen om').waitFor();
	await page.emulateMedia({media: 'print'});
	check(await page.getByText('Bellijst van').isVisible(), 'no head on paper');
	check(!await page.getByRole('button', {name: 'wij kunnen', exact: true}).first().isVisible(), 'buttons on paper');
	await b.shoot(page, 'calls-paper');
	await page.context().close();
}

const tests = [crisisByKeyboard, answerIsNoted, nightPlanInThreeTaps];

export default async function run(only) {
	const node = await Node.make({days: 1});
	try {
		await suite('carriers', tests.map((fn) => ({[fn.name]: (b) => fn(b, node)})[fn.name]), node, only);
	} finally {
		await node.stop();
	}
}
