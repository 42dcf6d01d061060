// SPDX-License-Identifier: EUPL-1.2
// The pages, each a module beside this file; app.js tells what such a module exports.
export const names = [
	'calls',
	'count',
	'dashboard',
	'directory',
	'facility',
	'facility_board',
	'facility_mirror',
	'facility_staff',
	'families',
	'first',
	'hulp',
	'ik',
	'lastplace',
	'link',
	'newrequest',
	'regie',
	'regie_need',
	'request',
	'statement',
	'waiting',
];
