// SPDX-License-Identifier: EUPL-1.2
// The pages, each a module beside this file; app.js tells what such a module exports.
export const names = [
	'calls',
	'count',
	'directory',
	'facility',
	'facility_board',
	'facility_mirror',
	'facility_staff',
	'first',
	'hulp',
	'ik',
	'families',
	'lastplace',
	'link',
	'newrequest',
	'request',
	'statement',
	'waiting',
];
