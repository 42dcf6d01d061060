/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The languages in which people are spoken to. Dutch comes first. */

enum lang { LANG_NL, LANG_EN };
