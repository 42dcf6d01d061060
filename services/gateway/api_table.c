/* SPDX-License-Identifier: EUPL-1.2 */
/* Which path is which message: the roles here are the widest; the daemons decide each case. */
#include "services/gateway/api.h"

#define R(NAME) ROLE_BIT(NAME)
#define ASKERS (R(CONTACT_POINT) | R(REQUESTER) | R(FACILITY) | R(FAMILY))
#define PEOPLE (ASKERS | R(COORDINATOR) | R(BASIC_SUPPORT))
#define COURTS (PEOPLE | R(MANDATED))
#define PARTNERS (R(FACILITY) | R(CONTACT_POINT) | R(COORDINATOR))
#define HELPING (R(FACILITY) | R(REQUESTER) | R(CONTACT_POINT) | R(COORDINATOR) | R(FAMILY))
#define FIGURES (R(COORDINATOR) | R(DASHBOARD) | R(GOVERNMENT) | R(FACILITY))
#define NAMERS (COURTS | R(GOVERNMENT) | R(DASHBOARD))
#define ANYBODY WEB_ANYBODY

#define INTAKE "intake"
#define WAITLIST "waitlist"
#define MATCHING "matching"
#define V1 "/api/v1/"

#define ROW(...)            \
	&(const struct api) \
	{                   \
		__VA_ARGS__ \
	}
#define GET(path, roles, daemon, BODY_NAME, ...)                                                \
	{                                                                                       \
		"GET", V1 path, roles, api_query, ROW(daemon, BODY(BODY_NAME), __VA_ARGS__), 0, \
			NULL, NULL                                                              \
	}
#define POST(path, roles, daemon, BODY_NAME, ...)                                                  \
	{                                                                                          \
		"POST", V1 path, roles, api_command, ROW(daemon, BODY(BODY_NAME), __VA_ARGS__), 0, \
			NULL, NULL                                                                 \
	}
#define PUT(path, roles, daemon, BODY_NAME, ...)                                                  \
	{                                                                                         \
		"PUT", V1 path, roles, api_command, ROW(daemon, BODY(BODY_NAME), __VA_ARGS__), 0, \
			NULL, NULL                                                                \
	}
#define PATCH(path, roles, daemon, BODY_NAME, ...)                                                \
	{                                                                                         \
		"PATCH", V1 path, roles, api_amend, ROW(daemon, BODY(BODY_NAME), __VA_ARGS__), 0, \
			NULL, NULL                                                                \
	}
#define NONE { NULL }, 0, NULL, NULL
#define OF(field) { field }, 0, NULL, NULL
#define REQUEST(verb) "requests/{request}/" verb
#define NEED(verb) "needs/{need}/" verb
#define HELP(verb) "contributions/{contribution}/" verb

const struct route api_routes[] = {
	GET("requests", PEOPLE, INTAKE, QUERY_REQUEST, NONE),
	POST("requests", ASKERS, INTAKE, SUBMIT_REQUEST, { NULL }, API_CREATES, NULL,
	     V1 "requests/"),
	POST("family/requests", ANYBODY, INTAKE, SUBMIT_REQUEST, { NULL }, API_CREATES | API_FAMILY,
	     NULL, V1 "requests/"),
	GET("requests/{request}", COURTS, INTAKE, QUERY_REQUEST, { "request" }, API_CHILD,
	    "requests", NULL),
	PATCH("requests/{request}", ASKERS, INTAKE, AMEND_REQUEST, OF("request")),
	POST(REQUEST("cancel"), ASKERS, INTAKE, WITHDRAW_REQUEST, OF("request")),
	POST(REQUEST("position"), ASKERS, INTAKE, RECORD_POSITION, { "request" }, API_CHILD, NULL,
	     NULL),
	POST(REQUEST("contact-person"), PEOPLE, INTAKE, NAME_CONTACT_PERSON, OF("request")),
	POST(REQUEST("night-plan"), ASKERS, INTAKE, RECORD_NIGHT_PLAN, OF("request")),
	POST(REQUEST("court-order"), ASKERS | R(MANDATED), INTAKE, RECORD_COURT_ORDER,
	     OF("request")),
	POST(REQUEST("judgement"), ASKERS, INTAKE, RECORD_JUDGEMENT, OF("request")),
	POST(REQUEST("concern"), ASKERS, INTAKE, REPORT_CONCERN, OF("request")),
	POST(REQUEST("missing"), ASKERS, INTAKE, MARK_MISSING, OF("request")),
	POST(REQUEST("confirm-consult"), ASKERS, INTAKE, CONFIRM_CONSULT, OF("request")),
	POST(REQUEST("move-consult"), PEOPLE, INTAKE, MOVE_CONSULT, OF("request")),
	POST(REQUEST("join"), PEOPLE, INTAKE, JOIN_FAMILIES, OF("request")),
	POST(REQUEST("split"), PEOPLE, INTAKE, SPLIT_FAMILIES, OF("request")),
	POST(REQUEST("decline-plan"), ASKERS, INTAKE, DECLINE_PLAN, OF("request")),
	POST(REQUEST("goal"), ASKERS, INTAKE, SET_GOAL, OF("request")),
	POST(REQUEST("own-contribution"), ASKERS, INTAKE, SET_OWN_CONTRIBUTION, OF("request")),
	POST(REQUEST("diagnostic"), ASKERS, INTAKE, RECORD_DIAGNOSTIC, OF("request")),
	POST(REQUEST("other"), ASKERS, INTAKE, ASK_OTHER, { "request" }, API_CHILD, NULL, NULL),
	POST(REQUEST("answer-other"), PEOPLE, INTAKE, ANSWER_OTHER, OF("request")),
	POST(REQUEST("family-wish"), PEOPLE, INTAKE, SET_FAMILY_WISH, OF("request")),
	POST(REQUEST("ask-file"), ASKERS, INTAKE, ASK_FILE, { "request" }, API_CHILD, NULL, NULL),
	GET(REQUEST("file"), ASKERS, INTAKE, QUERY_FILE, { "request" }, API_CHILD, NULL, NULL),
	POST(REQUEST("keep-back"), ASKERS, INTAKE, KEEP_BACK, OF("request")),
	POST(REQUEST("fit"), ASKERS, INTAKE, RECORD_FIT, { "request" }, API_CHILD, NULL, NULL),
	POST(REQUEST("basic-link"), PEOPLE, INTAKE, RECORD_BASIC_LINK, OF("request")),
	POST(REQUEST("shield"), ASKERS, INTAKE, SHIELD_CONTRIBUTION, OF("request")),
	POST(REQUEST("let-know"), ASKERS, INTAKE, LET_KNOW, { "request" }, API_CHILD, NULL, NULL),
	POST(REQUEST("review-by-other"), PEOPLE, INTAKE, RECORD_REVIEW_BY_OTHER, OF("request")),
	POST(REQUEST("gate-decision"), COURTS, MATCHING, RECORD_GATE_DECISION, OF("request")),
	POST(REQUEST("case-table"), PEOPLE, WAITLIST, CALL_CASE_TABLE, { "request" }, API_CREATES,
	     NULL, V1 "case-tables/"),
	{ "POST", V1 "requests/{request}/codes",
	  R(CONTACT_POINT) | R(REQUESTER) | R(FACILITY) | R(COORDINATOR), api_codes, NULL, 0, NULL,
	  NULL },
	{ "POST", V1 "requests/{request}/codes/withdraw",
	  R(CONTACT_POINT) | R(REQUESTER) | R(FACILITY) | R(COORDINATOR), api_codes_withdraw, NULL,
	  0, NULL, NULL },
	GET(REQUEST("plan"), PEOPLE, INTAKE, QUERY_PLAN, OF("request")),
	GET(REQUEST("explain"), PARTNERS | R(REQUESTER), MATCHING, QUERY_EXPLAIN, OF("request")),
	/* The team that is proposed for a request; its help is answered by asks/{ask}/answer. */
	GET("proposals/{request}", R(CONTACT_POINT) | R(COORDINATOR) | R(REQUESTER), MATCHING,
	    QUERY_EXPLAIN, OF("request")),
	POST("proposals/{request}/position", ASKERS, INTAKE, RECORD_POSITION, { "request" },
	     API_CHILD, NULL, NULL),
	GET(REQUEST("order"), PEOPLE, WAITLIST, QUERY_EXPLAIN, OF("request")),
	GET(REQUEST("waiting"), PEOPLE, WAITLIST, QUERY_WAITING, OF("request")),
	GET(REQUEST("contributions"), HELPING, MATCHING, QUERY_CONTRIBUTIONS, OF("request")),
	GET(REQUEST("case-tables"), PEOPLE, WAITLIST, QUERY_CASE_TABLES, OF("request")),
	GET(REQUEST("call-list"), R(CONTACT_POINT) | R(COORDINATOR), MATCHING, QUERY_CALL_LIST,
	    OF("request")),

	POST(NEED("close"), ASKERS, INTAKE, CLOSE_NEED, OF("need")),
	POST(NEED("reopen"), ASKERS, INTAKE, REOPEN_NEED, OF("need")),
	POST(NEED("rung"), COURTS, INTAKE, CLIMB_RUNG, OF("need")),
	POST(NEED("check-in"), ASKERS, INTAKE, RECORD_CHECK_IN, OF("need")),
	POST(NEED("review"), PEOPLE, WAITLIST, RECORD_REVIEW, OF("need")),
	POST(NEED("bridging"), PEOPLE, WAITLIST, RECORD_BRIDGING, OF("need")),
	POST(NEED("priority"), PEOPLE, WAITLIST, GIVE_PRIORITY, OF("need")),
	POST(NEED("misplaced"), PEOPLE, WAITLIST, SIGNAL_MISPLACED, OF("need")),
	POST(NEED("confirm-misplaced"), PEOPLE, WAITLIST, CONFIRM_MISPLACED, OF("need")),
	GET(NEED("similar"), PEOPLE, INTAKE, QUERY_SIMILAR, OF("need")),

	GET("consults/{code}", COURTS, INTAKE, QUERY_CONSULT, OF("short_code")),
	GET("waiting", PEOPLE, WAITLIST, QUERY_WAITING, NONE),
	GET("waiting/{need}", PEOPLE, WAITLIST, QUERY_WAITING, OF("need")),
	GET("case-tables", PEOPLE, WAITLIST, QUERY_CASE_TABLES, NONE),
	POST("case-tables/{table}/move", PEOPLE, WAITLIST, MOVE_CASE_TABLE, OF("table")),

	GET("offers", HELPING | R(DASHBOARD) | R(OPERATOR), MATCHING, QUERY_POOLS, NONE),
	GET("offers/{pool}", HELPING | R(DASHBOARD) | R(OPERATOR), MATCHING, QUERY_POOLS,
	    { "pool" }, 0, "pools", NULL),
	POST("offers", R(FACILITY), MATCHING, PUT_CAPACITIES, NONE),
	PUT("offers/{pool}", R(FACILITY), MATCHING, PUT_CAPACITY, OF("pool")),
	POST("offers/{pool}/pause", R(FACILITY), MATCHING, PAUSE_POOL, OF("pool")),
	POST("offers/{pool}/convert", R(FACILITY), MATCHING, CONVERT_POOL, OF("pool")),
	GET("offers/{pool}/last-place", R(CONTACT_POINT) | R(COORDINATOR), MATCHING,
	    QUERY_LAST_PLACE, OF("pool")),
	POST("offers/{pool}/sign-last-place", R(CONTACT_POINT) | R(COORDINATOR), MATCHING,
	     SIGN_LAST_PLACE, OF("pool")),
	GET("conversions", R(FACILITY), MATCHING, QUERY_CONVERSIONS, NONE),
	GET("shared", PARTNERS, MATCHING, QUERY_SHARED, NONE),
	GET("more", PARTNERS, MATCHING, QUERY_MORE, NONE),
	GET("list-plan", R(COORDINATOR) | R(DASHBOARD) | R(OPERATOR) | R(GOVERNMENT), MATCHING,
	    QUERY_LIST_PLAN, NONE),
	GET("workers", R(FACILITY), MATCHING, QUERY_WORKERS, NONE),
	PUT("offers/{pool}/workers/{worker}", R(FACILITY), MATCHING, PUT_WORKER,
	    { "pool", "worker" }, 0, NULL, NULL),
	GET("networks", PEOPLE | R(OPERATOR), MATCHING, QUERY_NETWORKS, NONE),
	GET("networks/{network}", PEOPLE | R(OPERATOR), MATCHING, QUERY_NETWORKS, { "network" }, 0,
	    "networks", NULL),
	PUT("networks/{network}", R(COORDINATOR) | R(OPERATOR), MATCHING, PUT_NETWORK,
	    OF("network")),

	GET("asks", PARTNERS, MATCHING, QUERY_ASKS, NONE),
	GET("asks/{ask}", PARTNERS, MATCHING, QUERY_ASKS, OF("contribution")),
	POST("asks/{ask}/answer", PARTNERS, MATCHING, ANSWER_ASK, OF("contribution")),
	POST("asks/{ask}/take-back", R(FACILITY), MATCHING, TAKE_BACK, OF("contribution")),
	POST(HELP("start"), HELPING, MATCHING, START_CONTRIBUTION, OF("contribution")),
	POST(HELP("interrupt"), HELPING, MATCHING, INTERRUPT_CONTRIBUTION, OF("contribution")),
	POST(HELP("resume"), HELPING, MATCHING, RESUME_CONTRIBUTION, OF("contribution")),
	POST(HELP("stop"), HELPING, MATCHING, STOP_CONTRIBUTION, { "contribution" }, API_CHILD,
	     NULL, NULL),
	POST(HELP("hand-on"), HELPING, MATCHING, HAND_ON_CONTRIBUTION, OF("contribution")),
	POST(HELP("end"), HELPING, MATCHING, END_CONTRIBUTION, OF("contribution")),
	POST(HELP("meeting"), HELPING, MATCHING, OPEN_MEETING, { "contribution" }, API_CHILD, NULL,
	     NULL),
	GET("call-list", R(CONTACT_POINT) | R(COORDINATOR), MATCHING, QUERY_CALL_LIST, NONE),
	GET("mirror", R(FACILITY), MATCHING, QUERY_MIRROR, NONE),
	GET("links", R(BASIC_SUPPORT), INTAKE, QUERY_LINKS, NONE),

	GET("signals", NAMERS, INTAKE, QUERY_SIGNALS, NONE),
	POST("signals", NAMERS, INTAKE, NAME_SIGNAL, { NULL }, API_CREATES, NULL, NULL),
	POST("signals/{signal}/move", NAMERS, INTAKE, MOVE_SIGNAL, OF("signal")),
	GET("help-calls", PEOPLE | R(GOVERNMENT), INTAKE, QUERY_HELP_CALLS, NONE),
	POST("help-calls", PEOPLE, INTAKE, CALL_FOR_HELP, { NULL }, API_CREATES, NULL, NULL),
	POST("help-calls/{call}/move", PEOPLE | R(GOVERNMENT), INTAKE, MOVE_HELP_CALL, OF("call")),

	GET("figures/intake", FIGURES, INTAKE, QUERY_FIGURES, NONE),
	GET("figures/waitlist", FIGURES, WAITLIST, QUERY_FIGURES, NONE),
	GET("figures/matching", FIGURES, MATCHING, QUERY_FIGURES, NONE),
	GET("directory", ANYBODY, MATCHING, QUERY_DIRECTORY, { NULL }, API_OWN, NULL, NULL),
	{ 0 },
};
