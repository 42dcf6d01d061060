// SPDX-License-Identifier: EUPL-1.2
// A browser for a test, and what is checked of every page: no axe violation, nothing wider than a
// screen of 320 px or of 200 %, no error in the console, all of it reached by keyboard.
import {mkdirSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';

const root = process.env.SCHAKEL_ROOT;
const require = createRequire(join(root, 'build/npm/node_modules/x.js'));
const {chromium} = require('playwright-core');
const axeSource = require.resolve('axe-core/axe.min.js');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];
const WAIT_MS = 15000;

export function check(fact, what) {
	if (!fact) {
		throw new Error(what);
	}
}

export function equal(have, want, what) {
	check(JSON.stringify(have) === JSON.stringify(want),
		`${what}: ${JSON.stringify(have)} instead of ${JSON.stringify(want)}`);
}

/** @return {browser, open(), close()}; errors of any page fail the test at close() */
export async function launch(name) {
	const shots = join(process.env.SCHAKEL_SHOTS, name);
	mkdirSync(shots, {recursive: true});
	const browser = await chromium.launch({executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
		args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']});
	const errors = [];
	const expected = [/net::ERR_|Failed to load resource/];
	let shot = 0;

	function listen(page) {
		page.setDefaultTimeout(WAIT_MS);
		page.on('pageerror', (e) => errors.push(String(e.stack ?? e)));
		page.on('console', (m) => {
			if (m.type() === 'error' && !expected.some((x) => x.test(m.text()))) {
				errors.push(m.text());
			}
		});
	}
	return {
		browser, errors,
		/** a page of a browser of its own: no cookie of another one */
		async open(options = {}) {
			const context = await browser.newContext({viewport: {width: 1200, height: 850},
				locale: 'nl-BE', bypassCSP: false, ...options});
			// No test goes anywhere else, whatever a page does.
			await context.route((url) => url.hostname !== '127.0.0.1', (route) => route.abort());
			const page = await context.newPage();
			listen(page);
			return page;
		},
		async shoot(page, what) {
			const file = `${String(++shot).padStart(2, '0')}-${what}.png`;
			await page.screenshot({path: join(shots, file), fullPage: true});
		},
		async close() {
			await browser.close();
			check(errors.length === 0, 'errors in the console:\n' + errors.join('\n'));
		},
	};
}

/** No violation of WCAG 2.1 A and AA, nor of what axe calls best practice. */
export async function accessible(page, what) {
	// Through the debugger, which the page's content security policy does not bind.
	await page.evaluate(await source());
	const found = await page.evaluate((tags) =>
		globalThis.axe.run(document, {runOnly: {type: 'tag', values: tags}}), TAGS);
	const said = found.violations.map((v) => `${v.id}: ${v.help}\n` +
		v.nodes.slice(0, 4).map((n) => `   ${n.html.slice(0, 200)}\n   ${n.failureSummary}`).join('\n'));
	check(found.passes.length > 5, `${what}: axe looked at nothing`);
	check(said.length === 0, `${what}: ${said.length} violations\n${said.join('\n')}`);
}

let text = null;
async function source() {
	const {readFileSync} = await import('node:fs');
	text ??= readFileSync(axeSource, 'utf8');
	return text;
}

/** Nothing sticks out sideways, once what is drawn to a size has been drawn anew. */
export async function fits(page, what) {
	await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
	const wide = await page.evaluate(() => {
		const width = document.documentElement.clientWidth;
		const out = [...document.querySelectorAll('body *')].filter((e) => {
			const r = e.getBoundingClientRect();
			return r.width > 1 && r.right > width + 1 && getComputedStyle(e).position !== 'fixed';
		});
		return {over: document.documentElement.scrollWidth - width,
			who: out.slice(0, 3).map((e) => e.outerHTML.slice(0, 150))};
	});
	check(wide.over <= 0, `${what}: ${wide.over} px too wide: ${wide.who.join('\n')}`);
}

/** Tab goes through everything that can be used, visibly, and comes to an end. */
export async function keyboard(page, what) {
	await page.evaluate(() => {
		document.activeElement?.blur();
		getSelection().removeAllRanges();
	});
	const wanted = await page.evaluate(() => {
		const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')];
		const radio = new Set();
		return all.filter((e) => {
			const group = e.type === 'radio' ? e.name : null;
			const first = !group || (e.checked || !document.querySelector(
				`input[name="${group}"]:checked`)) && !radio.has(group);
			if (group && first) {
				radio.add(group);
			}
			return e.checkVisibility() && !e.disabled && e.tabIndex >= 0 && first;
		}).map((e, i) => {
			e.dataset.tabTest = i;
			return e.outerHTML.slice(0, 120);
		});
	});
	const seen = new Set();
	// Twice around, and more: asks that come in meanwhile bring stops of their own. A trap is no way around.
	for (let i = 0; i < 2 * wanted.length + 60 && seen.size < wanted.length; i++) {
		await page.keyboard.press('Tab');
		const at = await page.evaluate(() => {
			const e = document.activeElement;
			const s = getComputedStyle(e);
			return {n: e.dataset.tabTest, html: e.outerHTML.slice(0, 150),
				visible: e === document.body || parseFloat(s.outlineWidth) >= 2 && s.outlineStyle !== 'none'};
		});
		check(at.visible, `${what}: the focus cannot be seen on ${at.html}`);
		if (at.n !== undefined) {
			seen.add(Number(at.n));
		}
	}
	// What goes by itself meanwhile (a message that something was done) need not be reached.
	const there = await page.evaluate(() => [...document.querySelectorAll('[data-tab-test]')]
		.map((e) => Number(e.dataset.tabTest)));
	const lost = wanted.filter((_, i) => !seen.has(i) && there.includes(i));
	check(lost.length === 0, `${what}: not reached by Tab: ${lost.join('\n')}`);
}

/** All that holds for a page, in both languages and at three widths. The page is open and at rest. */
export async function everyWay(b, page, what) {
	await page.getByRole('heading', {level: 1}).first().waitFor(); // its modules come after the document
	const before = page.viewportSize();
	for (const lang of ['nl', 'en']) {
		await speak(page, lang);
		await accessible(page, `${what} ${lang}`);
		for (const [name, size] of [['320', {width: 320, height: 640}], ['200', {width: 600, height: 425}]]) {
			await page.setViewportSize(size);
			await fits(page, `${what} ${lang} ${name}`);
			if (lang === 'nl') {
				await accessible(page, `${what} ${lang} ${name}`);
				await b.shoot(page, `${what}-${name}`);
			}
		}
		await page.setViewportSize(before);
		await b.shoot(page, `${what}-${lang}`);
	}
	await speak(page, 'nl');
	await keyboard(page, what);
}

export async function speak(page, lang) {
	if (await page.evaluate(() => document.documentElement.lang) !== lang) {
		await page.getByRole('button', {name: lang === 'en' ? 'English' : 'Nederlands', exact: true}).click();
		await page.waitForFunction((l) => document.documentElement.lang === l, lang);
	}
}

/** Waits until fn() is true. */
export async function until(what, fn, ms = WAIT_MS) {
	const end = Date.now() + ms;
	while (!await fn()) {
		check(Date.now() < end, `waited ${ms} ms for: ${what}`);
		await new Promise((done) => setTimeout(done, 50));
	}
}

/**
 * Runs tests one after another: each is fn(b, given). When one fails, every open page is kept as a
 * picture and what the console said is printed.
 */
export async function suite(name, tests, given, only) {
	const b = await launch(name);
	try {
		for (const test of tests.filter((x) => !only || x.name === only)) {
			const begun = Date.now();
			try {
				await test(b, given);
				console.log(`  ${test.name} (${Math.round((Date.now() - begun) / 100) / 10} s)`);
			} catch (e) {
				console.log(`  ${test.name} FAILED`);
				for (const page of b.browser.contexts().flatMap((c) => c.pages())) {
					await b.shoot(page, `FAILED-${test.name}`);
				}
				console.log([...new Set(b.errors)].join('\n'));
				throw e;
			}
		}
		await b.close();
	} finally {
		await b.browser.close();
	}
}
