// SPDX-License-Identifier: EUPL-1.2
// What a house does, against real daemons: an ask answered with and without a sign-in, a number changed
// while the gateway is killed and while somebody else changes it too, help that is interrupted.
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';

import {check, equal, everyWay, accessible, fits, suite, until} from './browser.mjs';
import {Node} from './node.mjs';
import {call, parties, rest, signIn} from './talk.mjs';

const DAYS = 12;

/** An ask that waits, of a house that has a pool: {party, ask}. */
async function waitingAsk(node) {
	for (const party of await parties(node)) {
		const {asks} = await call(node, party, '/asks?limit=100').catch(() => ({asks: []}));
		const ask = asks.find((a) => a.state === 'ASKED');
		if (ask) {
			return {party, ask};
		}
	}
	throw new Error('nobody is asked anything');
}

// As the node makes it for a mail: a text under the node's own key.
function link(node, kind, party, object) {
	return execFileSync('python3', ['-c', `
import hashlib, sys, time
kind, party, object, key = sys.argv[1:5]
text = "%s.%s.%s.%d" % (kind, party, object, int(time.time() * 1000) + 86400000)
mac = hashlib.blake2b(b"link\\0" + (text + " 0").encode(), key=open(key, "rb").read(), digest_size=20).digest()
n = int.from_bytes(mac, "big")
print(text + "." + "".join("abcdefghjkmnpqrstvwxyz0123456789"[n >> (155 - 5 * i) & 31] for i in range(32)))
`, kind, party, object, join(node.dir, 'keys/gateway.key')], {encoding: 'utf8'}).trim();
}

// One tap each; what is sent holds in the daemon.
async function anAskIsAnswered(b, node) {
	const {party, ask} = await waitingAsk(node);
	const page = await b.open();
	await signIn(page, node, party);
	await page.goto(node.url + '/voorziening');
	const card = page.locator(`[data-ask="${ask.short_code}"]`);
	await card.getByRole('button', {name: 'Wij kunnen', exact: true}).waitFor();
	await everyWay(b, page, 'asks');
	// What an answer needs is asked at its own field, and nothing is sent.
	await card.getByRole('button', {name: 'Nu niet, wel vanaf …'}).click();
	await card.getByText('Vul dit in: Vanaf.').waitFor();
	await accessible(page, 'an ask with an error');
	await card.getByRole('button', {name: 'Wij kunnen', exact: true}).click();
	await page.getByText('Bedankt. Genoteerd: Wij kunnen').waitFor();
	await card.getByRole('button', {name: 'Wij kunnen', exact: true}).waitFor({state: 'detached'});
	const {asks} = await call(node, party, `/asks/${ask.contribution_id}`);
	check(['CAN', 'AGREED'].includes(asks[0].state), `the daemon holds ${asks[0].state}`);
	if (asks[0].state === 'CAN') {
		await card.getByRole('button', {name: 'Wij kunnen toch niet'}).click();
		await card.getByText('Het kind verliest geen datum').waitFor();
		await card.getByRole('button', {name: 'Wij kunnen toch niet'}).click();
		await card.waitFor({state: 'detached'});
		const after = await call(node, party, `/asks/${ask.contribution_id}?all=true`);
		equal(after.asks[0].state, 'TAKEN_BACK', 'state after taking back');
	}
	await page.context().close();
}

// Without a sign-in; the second time the page says what holds now, and a broken link says so.
async function aLinkAnswersAnAsk(b, node) {
	const {party, ask} = await waitingAsk(node);
	const page = await b.open();
	const address = `${node.url}/a/${link(node, 'a', party, ask.contribution_id)}`;
	await page.goto(address);
	await page.getByText('Kies één antwoord').waitFor();
	equal(await page.getByRole('navigation').count(), 0, 'menus on a one-time page');
	for (const size of [{width: 320, height: 640}, {width: 1200, height: 850}]) {
		await page.setViewportSize(size);
		await fits(page, 'one-time page');
		await accessible(page, 'one-time page');
		await b.shoot(page, `link-ask-${size.width}`);
	}
	await page.getByRole('combobox', {name: 'Wie misschien wel?'}).fill('kind en');
	await page.keyboard.press('Escape');
	await page.getByLabel('Als …').selectOption({label: 'er vervoer is'});
	await page.getByRole('button', {name: 'Wij kunnen, als …'}).click();
	await page.getByText('Dit antwoord staat genoteerd').waitFor();
	const {asks} = await call(node, party, `/asks/${ask.contribution_id}`);
	equal([asks[0].state, asks[0].can_if], ['CAN_IF', 'TRANSPORT'], 'the answer');
	await page.reload();
	await page.getByText('Dit antwoord staat genoteerd').waitFor();
	await page.goto(address.slice(0, -1) + (address.endsWith('0') ? '1' : '0'));
	await page.getByText('niet (meer) geldig').waitFor();
	await accessible(page, 'a link that is over');
	await page.context().close();
}

async function house(node) {
	for (const party of await parties(node)) {
		const {pools} = await call(node, party, `/offers?partner=${party}&limit=100`).catch(() => ({}));
		const pool = pools?.find((p) => p.state !== 'PAUSED' && p.free > 0 && !p.capacity.joint_partners.length);
		if (pool) {
			return {party, pool};
		}
	}
	throw new Error('no house has a free place');
}

const freeOf = async (node, party, pool) =>
	(await call(node, party, `/offers/${pool}`)).pools[0].free;

// The link of the week: one tap, or another number.
async function aLinkConfirmsAPool(b, node) {
	const {party, pool} = await house(node);
	const name = pool.capacity.pool;
	const page = await b.open();
	// The mail's [ja] and [pas aan]: opening says nothing yet, one tap does; the other opens the number.
	await page.goto(`${node.url}/c/${link(node, 'c', party, name)}#ja`);
	await page.getByText('Klopt dit nog?').waitFor();
	await until('[ja] is one key away', () => page.evaluate(() =>
		document.activeElement.textContent === 'Ja, dit klopt'));
	await accessible(page, 'confirm a pool');
	await b.shoot(page, 'link-pool');
	await page.keyboard.press('Enter');
	await page.getByText('Dit cijfer is weer vers').waitFor();
	equal(await freeOf(node, party, name), pool.free, 'free after a yes');
	await page.goto('about:blank');
	await page.goto(`${node.url}/c/${link(node, 'c', party, name)}#pas-aan`);
	await page.getByLabel('Hoeveel is er nu nog vrij?').waitFor();
	await accessible(page, 'change a pool');
	await page.getByLabel('Hoeveel is er nu nog vrij?').fill(String(pool.free + 2));
	await page.getByRole('button', {name: 'Bewaar'}).click();
	await page.getByText('Dit cijfer is weer vers').waitFor();
	equal(await freeOf(node, party, name), pool.free + 2, 'free after a change');
	await page.context().close();
}

// The gateway is killed while a number stands typed; then somebody else was first.
async function aNumberIsChanged(b, node) {
	const {party, pool} = await house(node);
	const name = pool.capacity.pool;
	const page = await b.open();
	await signIn(page, node, party);
	await page.goto(node.url + '/voorziening/aanbod');
	const card = page.locator(`[data-pool="${name}"]`);
	const field = card.getByLabel('Nu vrij');
	await field.waitFor();
	await rest(page);
	await everyWay(b, page, 'board');
	const shown = Number(await field.inputValue());
	await field.fill(String(shown + 3));
	await node.kill('gateway');
	await page.getByText('De verbinding is weg').first().waitFor();
	equal(await field.inputValue(), String(shown + 3), 'what was typed');
	await node.gateway();
	await page.getByText('Verbonden.').waitFor();
	await card.getByRole('button', {name: 'Bewaar'}).first().click();
	await page.getByText('Bewaard. Het telt meteen mee.').waitFor();
	equal(await freeOf(node, party, name), pool.free + 3, 'free');
	await until('the board shows it', async () => (await card.locator('.big').textContent())
		.startsWith(String(shown + 3)));

	await field.fill(String(shown + 5));
	const now = (await call(node, party, `/offers/${name}`)).pools[0];
	const {unit, total, funded, staffed, used_elsewhere, insured} = now.capacity;
	await call(node, party, `/offers/${name}`, {method: 'PUT', headers: {'If-Match': `"${now.version}"`},
		body: {unit, total: total + 1, funded, staffed: staffed + 1, used_elsewhere, insured}});
	await card.getByRole('button', {name: 'Bewaar'}).first().click();
	await card.getByText('Dit aanbod is intussen veranderd').waitFor();
	equal(await field.inputValue(), String(shown + 5), 'what was typed, after a conflict');
	const {capacity: kept} = (await call(node, party, `/offers/${name}`)).pools[0]; // not free: a seat may come free
	equal([kept.total, kept.staffed, kept.used_elsewhere].join(), [total + 1, staffed + 1, used_elsewhere].join(),
		'what the other said, before it is said again');
	await accessible(page, 'board with a conflict');
	await b.shoot(page, 'board-conflict');
	await card.getByRole('button', {name: 'Bewaar'}).first().click();
	await until('saved', async () => await freeOf(node, party, name) === pool.free + 5);

	await card.getByRole('button', {name: 'Even sluiten'}).click();
	await card.getByLabel('Waarom').selectOption({label: 'te weinig begeleiders'});
	await card.getByRole('button', {name: 'Even sluiten'}).click();
	await card.getByText('Even gesloten: te weinig begeleiders').waitFor();
	await card.getByRole('button', {name: 'Weer openen'}).click();
	await card.getByText('Even gesloten').waitFor({state: 'detached'});
	await page.context().close();
}

// A new offer in one form; its number and workers; the mirror says whom it is for.
async function aNewOfferIsMade(b, node) {
	const {party} = await house(node);
	const page = await b.open();
	await signIn(page, node, party);
	await page.goto(node.url + '/voorziening/aanbod');
	await page.getByRole('button', {name: 'Nieuw aanbod'}).click();
	await page.getByLabel('Korte naam').fill('Paardenuur 2');
	await page.getByRole('combobox', {name: 'Soort hulp'}).fill('trauma');
	await page.keyboard.press('Enter');
	await page.getByLabel('Geteld in').selectOption({label: 'uren per week'});
	await page.getByLabel('Waarvan met begeleiders').last().fill('8');
	await page.getByLabel('Nu vrij').last().fill('6');
	await page.getByLabel('Waar', {exact: true}).selectOption({label: 'jij komt langs'});
	await accessible(page, 'a new offer');
	await b.shoot(page, 'new-offer');
	await page.getByRole('button', {name: 'Voeg toe'}).press('Enter');
	await page.locator('[data-pool="paardenuur-2"]').getByText('6 vrij (uren per week)').waitFor();
	await page.goto(node.url + '/voorziening/medewerkers');
	await page.getByRole('button', {name: 'Nieuwe medewerker'}).click();
	await page.getByLabel('Bij welk aanbod').selectOption('paardenuur-2');
	await page.getByRole('combobox', {name: 'Kan'}).fill('trauma');
	await page.keyboard.press('Enter');
	await page.getByLabel('Mag hoogstens dragen').fill('4');
	await page.getByRole('button', {name: 'Voeg toe'}).click();
	await page.getByText(/Draagt \d van 4 \(uren per week\)\./).waitFor();
	await everyWay(b, page, 'workers');
	await page.goto(node.url + '/voorziening/spiegel');
	await page.getByText('Alleen jullie zien dit').waitFor();
	await rest(page);
	await everyWay(b, page, 'mirror');
	await page.context().close();
}

// Those first for whom one more starts nobody yet.
const worth = (items) => items.reduce((sum, i) => sum + (i.units > 1 ? 100 : 1), 0);

// The house with most that would start help: {party, items}.
async function short(node) {
	let most = {items: []};
	for (const party of await parties(node)) {
		const {items = []} = await call(node, party, '/more?limit=50').catch(() => ({}));
		const own = items.filter((i) => i.partner === party);
		most = worth(own) > worth(most.items) ? {party, items: own} : most;
	}
	check(most.items.length > 0, 'no house would start help with more room');
	return most;
}

// The mirror says what the daemon says: the least that starts help and whether one more does, in each language.
async function theMirrorSaysWhatMoreWouldStart(b, node) {
	const {party, items} = await short(node);
	const page = await b.open();
	await signIn(page, node, party);
	await page.goto(node.url + '/voorziening/spiegel');
	await page.getByRole('heading', {name: 'Wat zou hulp doen starten?'}).waitFor();
	for (const i of items) {
		const line = page.locator('ul.more > li').filter({hasText: `${i.pool} (`});
		const starts = `${i.at_least ? 'minstens ' : ''}${i.starts} hulpvra`;
		await line.filter({hasText: new RegExp(`: ${i.units} meer \\(.*\\) start ${starts}`)}).waitFor();
		equal(await line.getByText('Eén meer start nog niemand.').count(), i.units > 1 ? 1 : 0, `one more at ${i.pool}`);
		equal(await line.locator('li').count(), i.who.length, `kinds of help at ${i.pool}`);
	}
	equal(await page.getByText('nog niet benoemd').count(), 0, 'codes without their words');
	const top = async (what) => (await what.boundingBox()).y;
	check(await top(page.getByRole('table')) < await top(page.locator('ul.more')), 'the list stands above the figures');
	await everyWay(b, page, 'mirror-more');
	await page.context().close();
}

// A table with one wrong row names its line and column and changes nothing; mended it is taken over.
async function aTableIsPasted(b, node) {
	const {party, pool} = await house(node);
	const {capacity: c} = pool;
	const page = await b.open();
	await signIn(page, node, party);
	await page.goto(node.url + '/voorziening/aanbod');
	const fetched = page.waitForEvent('download');
	await page.getByRole('button', {name: 'Haal onze tabel op'}).click();
	const own = readFileSync(await (await fetched).path(), 'utf8');
	check(own.startsWith('\ufeffaanbod;') && own.includes(`\n${c.pool};`), `the own table: ${own.slice(0, 200)}`);

	const text = page.getByLabel('Plak hier je tabel');
	const good = `aanbod;bezet\n${c.pool};${c.staffed}\n`;
	for (const [table, line, column] of [[`${good}onbekend;1\n`, '3', 'aanbod'],
		[`aanbod;bezet\n${c.pool};veel\n`, '2', 'bezet']]) {
		await text.fill(table);
		await page.getByRole('button', {name: 'Neem over'}).click();
		await page.getByText('Er is niets overgenomen.').waitFor();
		const row = page.locator('[data-report] tbody tr');
		equal(await row.count(), 1, 'rows that are wrong');
		equal([await row.locator('[data-label="Regel"]').textContent(),
			await row.locator('[data-label="Kolom"]').textContent()], [line, column], 'line and column');
		check((await row.locator('[data-label="Wat te doen"]').textContent()).length > 20, 'what to do');
		equal(await text.inputValue(), table, 'what was pasted');
		equal((await call(node, party, `/offers/${c.pool}`)).pools[0].version, pool.version, 'version');
	}
	await everyWay(b, page, 'table-wrong');

	await page.getByLabel('Of kies een bestand').setInputFiles({name: 'aanbod.csv', mimeType: 'text/csv',
		buffer: Buffer.from(good)});
	await until('the file is read', async () => await text.inputValue() === good);
	equal(await page.locator('[data-report]').count(), 0, 'reports about another table');
	await page.getByRole('button', {name: 'Kijk na'}).click();
	await page.getByText('Dit verandert er').waitFor();
	equal(await freeOf(node, party, c.pool), pool.free, 'free after a look');
	await page.getByRole('button', {name: 'Neem over'}).click();
	await page.getByText('Overgenomen', {exact: true}).waitFor();
	equal(await freeOf(node, party, c.pool), 0, 'free');
	equal(await text.inputValue(), '', 'the text when it is done');
	await page.context().close();
}

// Help that runs: interrupted with a reason, it goes on; ending it too early says why not.
async function helpIsInterrupted(b, node) {
	let found = null;
	for (const party of await parties(node)) {
		const {asks} = await call(node, party, '/asks?limit=100').catch(() => ({asks: []}));
		const ask = asks.find((a) => a.state === 'STARTED');
		if (ask) {
			found = {party, ask};
			break;
		}
	}
	check(found, 'no help runs');
	const page = await b.open();
	await signIn(page, node, found.party);
	await page.goto(node.url + '/voorziening');
	const card = page.locator(`[data-ask="${found.ask.short_code}"]`);
	await card.getByRole('button', {name: 'Even onderbreken'}).click();
	await card.getByLabel('Waarom').selectOption({label: 'de begeleider is er niet'});
	await accessible(page, 'interrupting');
	await card.getByRole('button', {name: 'Even onderbreken'}).click();
	await card.getByText('even onderbroken').waitFor();
	await card.getByRole('button', {name: 'De hulp gaat weer verder'}).click();
	await card.getByText('gestart', {exact: true}).waitFor();
	await card.getByRole('button', {name: 'Aflossing vragen'}).click();
	await card.getByRole('button', {name: 'Aflossing vragen'}).click();
	await card.getByText('aflossing met overlap').waitFor();
	await card.getByRole('button', {name: 'Afronden'}).click();
	await card.getByRole('button', {name: 'Afronden'}).click();
	const ended = await Promise.race([
		card.locator('.problem').waitFor().then(() => 'refused'),
		card.waitFor({state: 'detached'}).then(() => 'ended')]);
	if (ended === 'refused') {
		check((await card.locator('.problem').textContent()).length > 20, 'a refusal without a reason');
		await accessible(page, 'a refusal');
	}
	await page.context().close();
}

export default async function run(only) {
	const node = await Node.make({days: DAYS});
	try {
		await suite('facility', [anAskIsAnswered, aLinkAnswersAnAsk, aLinkConfirmsAPool, aNumberIsChanged,
			theMirrorSaysWhatMoreWouldStart, aNewOfferIsMade, aTableIsPasted, helpIsInterrupted], node, only);
		await node.stop();
	} finally {
		node.end();
	}
}
