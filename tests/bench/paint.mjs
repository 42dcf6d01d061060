// SPDX-License-Identifier: EUPL-1.2
// First paint of a page with nothing cached. Usage: node paint.mjs URL COUNT; prints {"ms": [...]}.
import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const {chromium} = createRequire(root + 'build/npm/node_modules/x.js')('playwright-core');
const [url, count] = process.argv.slice(2);
const browser = await chromium.launch({executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
	args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']});
const ms = [];
for (let i = 0; i < Number(count); i++) {
	const context = await browser.newContext();
	const page = await context.newPage();
	await page.goto(url);
	await page.getByRole('heading', {level: 1}).waitFor();
	ms.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime));
	await context.close();
}
await browser.close();
console.log(JSON.stringify({ms}));
