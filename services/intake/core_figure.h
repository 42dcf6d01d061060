/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What is counted at one place of intake and told at another. Ownership: records live in
 *  the arena of the step. Blocks: never. */
#include "common/figure.h"
#include "services/intake/core_inner.h"

/** Added to the code of CONSULTS when nobody can be called back. */
#define FIGURE_ANONYMOUS 100
/** Workers of one child in one year that are told apart. */
#define WORKERS_COUNTED_MAX 64
/** Fewer cases say nothing (A13). */
#define SIMILAR_CASES_MIN 5

/** Age band of that child; 0: it has none. */
uint32_t req_band(const struct req *q, uint32_t child);
/** A figure of the request, by its zone, urgency and first child. */
struct figure req_figure(const struct req *q, PB(FigureKind) kind, uint32_t code);

/** The story of the request was told anew to somebody else: once more. */
void retelling_count(struct step *s, struct req *q);

/** What the code of HELPED says. */
struct helped {
	PB(SupporterKind) supporter;
	PB(Modality) modality;
	PB(Continuum) continuum;
	PB(Fit) fit;
	bool well;
};
void helped_parts(uint32_t code, struct helped *ret);

struct fit_told {
	PB(FitMoment) moment;
	PB(Fit) fit;
};
/** Somebody said how help fits; @p rec is to be saved after. */
void fit_figures(struct step *s, const struct req *q, const PB(NeedRecord) *n,
		 PB(ContributionRecord) *rec, const struct fit_told *told);
