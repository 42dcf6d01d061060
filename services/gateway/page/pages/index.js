// SPDX-License-Identifier: EUPL-1.2
// The pages, each a module beside this file; app.js tells what such a module exports.
export const names = [
	'calls',
	'directory',
	'first',
	'hulp',
	'ik',
	'lastplace',
	'newrequest',
	'statement',
	'waiting',
];
