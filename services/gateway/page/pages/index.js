// SPDX-License-Identifier: EUPL-1.2
// The pages, each a module beside this file; app.js tells what such a module exports.
export const names = [
	'calls',
	'directory',
	'facility',
	'facility_board',
	'facility_mirror',
	'facility_staff',
	'first',
	'hulp',
	'ik',
	'lastplace',
	'link',
	'newrequest',
	'statement',
	'waiting',
];
