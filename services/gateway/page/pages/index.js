// SPDX-License-Identifier: EUPL-1.2
// The pages, each a module beside this file; app.js tells what such a module exports.
export const names = [
	'calls',
	'count',
	'court',
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

// Who may open which, as the modules say themselves (a lint compares): nobody loads another one's pages.
// What does not stand here is loaded by anybody; what stands here alone, a page fetches when it is wanted.
export const rolesOf = {
	calls: ['CONTACT_POINT', 'COORDINATOR'],
	count: ['CONTACT_POINT', 'COORDINATOR'],
	court: ['MANDATED'],
	dashboard: ['DASHBOARD', 'GOVERNMENT', 'COORDINATOR'],
	facility: ['FACILITY'],
	facility_board: ['FACILITY'],
	facility_mirror: ['FACILITY'],
	facility_staff: ['FACILITY'],
	families: ['FACILITY', 'REQUESTER'],
	ik: ['FAMILY'],
	lastplace: ['CONTACT_POINT', 'COORDINATOR'],
	newrequest: ['CONTACT_POINT', 'REQUESTER'],
	regie: ['COORDINATOR'],
	regie_need: ['COORDINATOR'],
	request: ['CONTACT_POINT', 'REQUESTER', 'FACILITY', 'COORDINATOR'],
	request_changes: ['CONTACT_POINT', 'REQUESTER', 'FACILITY', 'COORDINATOR'],
	waiting: ['COORDINATOR'],
};
