/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The ladder of help that changes more in a life (DOMAIN 7): one measure for intake, which
 *  records each step up, and matching, which prices it. Pure. */
#include "schakel/v1/codes.pb-c.h"

enum rung {
	RUNG_NONE = 0, /* nothing is known of the help */
	RUNG_UNIVERSAL = 1,
	RUNG_LIGHT = 2,
	RUNG_MOBILE = 3,
	RUNG_AMBULANT = 4,
	RUNG_RESIDENTIAL = 5,
	RUNG_GATED = 6,
};

/** A stay is one whatever its place on the continuum; else what is universal or light stays below
 *  what is bound to a problem, and help that comes to the child below help it must go to. */
static inline enum rung rung_of(Schakel__V1__Continuum continuum, Schakel__V1__Modality modality)
{
	if (modality == SCHAKEL__V1__MODALITY__MODALITY_RESIDENTIAL) {
		return continuum == SCHAKEL__V1__CONTINUUM__CONTINUUM_GATED ? RUNG_GATED :
									      RUNG_RESIDENTIAL;
	}
	if (continuum == SCHAKEL__V1__CONTINUUM__CONTINUUM_UNIVERSAL) {
		return RUNG_UNIVERSAL;
	}
	if (continuum == SCHAKEL__V1__CONTINUUM__CONTINUUM_LIGHT) {
		return RUNG_LIGHT;
	}
	if (modality == SCHAKEL__V1__MODALITY__MODALITY_MOBILE) {
		return RUNG_MOBILE;
	}
	return modality == SCHAKEL__V1__MODALITY__MODALITY_AMBULANT ? RUNG_AMBULANT : RUNG_NONE;
}
