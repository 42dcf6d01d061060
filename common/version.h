/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The version that every program of Schakel says with --version. */
#define SCHAKEL_VERSION "0.1.0"
