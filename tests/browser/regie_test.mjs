// SPDX-License-Identifier: EUPL-1.2
// What a coordinator and a dashboard see of the region, against real daemons: a row of the list that
// explains itself, what may be done about it, and figures with a table beside each picture.
import {accessible, check, equal, everyWay, suite, until} from './browser.mjs';
import {Node} from './node.mjs';
import {call, rest, signIn} from './talk.mjs';

const DAYS = 25; // a month is over, so that its figures are released
const REGIE = 'samenwerking';

// Filters stand in the address; a row says in sentences why it waits, its page all of it.
async function aRowExplainsItself(b, node) {
	const page = await b.open();
	await signIn(page, node, REGIE);
	await page.goto(node.url + '/regie?wait_class=ACTIVE');
	await page.getByText('Uitleg').first().waitFor();
	equal(await page.getByLabel('Hoe dringend').inputValue(), 'ACTIVE', 'the filter of the address');
	await page.getByText('Uitleg').first().click();
	await page.getByText(/of vroeger vroeg staat ervoor/).first().waitFor();
	await accessible(page, 'a row that explains itself');
	await b.shoot(page, 'row');
	await page.getByRole('link', {name: /Alles over deze vraag/}).first().click();
	await page.getByText('Waar we naar keken').waitFor();
	await page.getByText(/Eerst telt hoe dringend/).waitFor();
	const text = await page.locator('main').innerText();
	check(!/\bpunten\b|NO_CAPACITY|FILTERED|undefined/.test(text), `points or codes at people: ${text}`);
	await everyWay(b, page, 'entry');
	await page.getByRole('combobox', {name: 'Waarom niet deze partner?'}).fill('voorbeeld');
	await page.keyboard.press('Enter');
	await page.getByRole('button', {name: 'Leg uit'}).click();
	await page.locator('.whynot li').first().waitFor();
	await accessible(page, 'why not that partner');
	check(!/\bpunten\b|FILTERED|undefined/.test(await page.locator('.whynot').innerText()), 'codes at people');
	await page.getByRole('button', {name: 'Opnieuw bekeken vandaag'}).click();
	await page.getByText('Genoteerd.').waitFor();
	// Who is the network of the zone gains by it, and may not give days of priority: it is told so.
	await page.getByRole('button', {name: 'Broer of zus is daar al'}).click();
	await page.getByRole('combobox', {name: 'Waar is de broer of zus'}).fill('voorbeeld');
	await page.keyboard.press('Enter');
	await page.getByRole('button', {name: 'Broer of zus is daar al'}).click();
	await page.locator('.problem, .error').first().waitFor();
	check((await page.locator('.problem, .error').first().innerText()).length > 15, 'no reason is told');
	await page.context().close();
}

// Every part of the region opens, in every way; presets of the list are links.
async function partsOfTheRegion(b, node) {
	const page = await b.open();
	await signIn(page, node, REGIE);
	for (const [path, heading] of [['/regie/overlegtafels', 'Overlegtafels'], ['/regie/steun', 'Vragen om steun'],
		['/regie/tekort', 'Wat nog ontbreekt'], ['/regie/signalen', 'Regels die tegenhouden'],
		['/regie/netwerken', 'Netwerken']]) {
		await page.goto(node.url + path);
		await page.getByRole('heading', {level: 2, name: heading}).waitFor();
		await rest(page);
		await accessible(page, path);
		await b.shoot(page, path.slice(7));
		equal(await page.locator('.problem').count(), 0, `problems on ${path}`);
	}
	await page.goto(node.url + '/regie/tekort');
	await page.getByText(/eenheid meer bij .* zou hulp starten/).first().waitFor();
	await page.getByText('Wat zou hulp doen starten?').click();
	await page.getByText(/meer \(.*\) start (minstens )?\d+ hulpvra/).first().waitFor();
	await accessible(page, 'what would start help');
	await page.getByRole('link', {name: 'Over de termijn'}).click();
	await page.waitForURL(/over_term=true/);
	await page.getByText(/vragen op de lijst|Niemand wacht hierop/).first().waitFor();
	await page.context().close();
}

// A case table is planned from the list, with the child and the parents invited.
async function aCaseTableIsPlanned(b, node) {
	const {entries} = await call(node, REGIE, '/waiting?wait_class=ACTIVE&limit=20');
	const e = entries[entries.length - 1];
	const {object_id: id} = await call(node, REGIE, `/requests/${e.request.request_id}/case-table`,
		{method: 'POST', body: {need_id: e.need.need_id, reason: 'ASKED'}});
	const find = async () => (await call(node, REGIE, '/case-tables?limit=200')).tables
		.find((x) => x.table.table_id === id);
	const called = await find();
	equal(called.table.state, 'CALLED', 'state of a table that is called');
	const page = await b.open();
	await signIn(page, node, REGIE);
	await page.goto(node.url + '/regie/overlegtafels');
	const row = page.getByRole('row').filter({hasText: called.request_code || called.short_code}).first();
	await row.getByRole('button', {name: 'Plannen'}).click();
	await row.getByLabel('Dag').fill(called.table.due_ms.slice(0, 10));
	await accessible(page, 'planning a case table');
	await row.getByRole('button', {name: 'Plannen'}).press('Enter');
	await until('it is planned', async () => {
		const {table} = await find();
		return table.state === 'PLANNED' && table.child_invited && table.parents_invited;
	});
	// It can be planned otherwise; that it was held is said once its hour is there.
	await row.getByRole('button', {name: 'Plannen'}).waitFor();
	equal(await row.getByRole('button', {name: 'Gehouden'}).count(), 0, 'held before it began');
	await page.context().close();
}

// A network is made and changed; who was second is told so, keeps what was typed, and tries again.
async function aNetworkIsMade(b, node) {
	const page = await b.open();
	await signIn(page, node, REGIE);
	await page.goto(node.url + '/regie/netwerken');
	await page.getByRole('button', {name: 'Nieuw netwerk'}).click();
	await page.getByRole('button', {name: 'Maak dit netwerk'}).click();
	await page.getByText('Vul dit in: Netwerk.').first().waitFor();
	await page.getByLabel('Netwerk', {exact: true}).fill('Eén plan Noord');
	await page.getByLabel('Soort').selectOption('ONE_PLAN');
	await page.getByRole('combobox', {name: 'Streken'}).click();
	await page.keyboard.press('Enter');
	await page.keyboard.press('Escape');
	await page.getByLabel('Middelen (euro)').fill('1250.50');
	await accessible(page, 'a new network');
	await b.shoot(page, 'network-new');
	await page.getByRole('button', {name: 'Maak dit netwerk'}).press('Enter');
	const row = page.getByRole('row').filter({hasText: 'Eén plan Noord'});
	await row.waitFor();
	const read = async () => (await call(node, REGIE, '/networks/een-plan-noord')).networks[0];
	const made = await read();
	equal([made.network.name, made.network.kind, made.network.zones.length, Number(made.network.budget_cents)],
		['Eén plan Noord', 'ONE_PLAN', 1, 125050], 'the network');

	await row.getByRole('button', {name: /Veranderen/}).click();
	await until('the focus goes along', () => page.evaluate(() => document.activeElement.name === 'name'));
	await row.getByLabel('Netwerk', {exact: true}).fill('Eén plan Noord en West');
	const {network: id, ...rest_} = made.network;
	await call(node, REGIE, `/networks/${id}`, {method: 'PUT', headers: {'If-Match': `"${made.version}"`},
		body: {...rest_, budget_cents: 99900}});
	await row.getByRole('button', {name: 'Bewaar'}).click();
	await page.getByText('Dit netwerk is intussen veranderd.').waitFor();
	equal((await read()).network.name, 'Eén plan Noord', 'the name before it is said again');
	equal(await page.getByLabel('Netwerk', {exact: true}).inputValue(), 'Eén plan Noord en West', 'what was typed');
	await row.getByText(/van € 999/).waitFor();
	await accessible(page, 'a network with a conflict');
	await b.shoot(page, 'network-conflict');
	await page.getByRole('button', {name: 'Bewaar'}).press('Enter');
	await page.getByRole('cell', {name: 'Bewaar'}).waitFor({state: 'detached'});
	equal((await read()).network.name, 'Eén plan Noord en West', 'the name');
	await page.reload();
	await row.waitFor();
	await rest(page);
	await everyWay(b, page, 'networks');
	await page.context().close();
}

// A table beside each picture, the period told, what is small not told; for a dashboard and a coordinator.
async function figuresHaveTheirTables(b, node) {
	for (const party of ['dashboard', REGIE]) {
		const page = await b.open();
		await signIn(page, node, party);
		await page.goto(node.url + '/dashboard');
		await page.getByText(/Cijfers van/).first().waitFor();
		await page.locator('svg.map').waitFor();
		await page.locator('#supply table').waitFor();
		const figures = page.locator('.figure');
		check(await figures.count() >= 6, 'too few figures');
		for (const f of await figures.all()) {
			equal(await f.locator('.chart').count(), await f.locator('table').count(),
				`pictures and tables of ${await f.locator('h2').innerText()}`);
		}
		const rows = await page.locator('#map tbody tr').count();
		equal(rows, (await call(node, party, '/me')).zones.length, 'zones in the table of the map');
		const waits = await page.locator('#waiting tbody td.num').allInnerTexts();
		check(waits.length > 0 && waits.every((n) => Number(n.replace(/\D/g, '')) >= 5), `small cells: ${waits}`);
		await everyWay(b, page, `dashboard-${party}`);
		await page.context().close();
	}
}

export default async function run(only) {
	const node = await Node.make({days: DAYS});
	try {
		await suite('regie', [aRowExplainsItself, partsOfTheRegion, aCaseTableIsPlanned, aNetworkIsMade,
			figuresHaveTheirTables].map((fn) => ({[fn.name]: (b) => fn(b, node)})[fn.name]), node, only);
		await node.stop();
	} finally {
		node.end();
	}
}
