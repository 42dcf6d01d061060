/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The applied configuration, decoded once and indexed for cores. Owns its memory. Pure. */
#include "common/step.h"

/** Largest packed configuration; a journal record holds it twice (input and effect). */
#define CONFIG_BYTES_MAX (256U << 10)

struct config_index;

/** @return SK_EPROTO when the bytes do not parse, SK_EINVAL for an unknown setting, SK_ENOMEM. */
SK_CHECKED int config_index_new(struct slice packed, struct config_index **ret_ci);
void config_index_free(struct config_index *ci);
uint64_t config_setting(const struct config_index *ci, enum setting which);
const PB(Zone) *config_zone(const struct config_index *ci, const char *id);
const PB(Party) *config_party(const struct config_index *ci, const char *id);
const PB(ExpertiseCode) *config_expertise(const struct config_index *ci, uint32_t number);
const PB(ConfigApplied) *config_message(const struct config_index *ci);
