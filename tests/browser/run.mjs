// SPDX-License-Identifier: EUPL-1.2
// Runs one file of browser tests: node run.mjs FILE [TEST]. Meant to be called by run.sh, which gives
// the environment. Ends with 1 at the first check that fails.
import {pathToFileURL} from 'node:url';

const [file, only] = process.argv.slice(2);
try {
	const module = await import(pathToFileURL(file));
	await module.default(only);
} catch (e) {
	console.error(e.stack ?? e);
	process.exitCode = 1;
}
