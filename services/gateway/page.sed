# SPDX-License-Identifier: EUPL-1.2
# What of a module or a style sheet of ours goes to a browser: neither its comments nor its margin. Lines keep
# their numbers, so that an error in a console names the line of the source.
s/^[[:space:]]*\/\/.*//
s/^[[:space:]]*\/\*.*\*\/$//
/^[[:space:]]*\/\*/,/\*\//s/.*//
s/^	*//
s/[[:space:]]\/\/ [^'"`]*$//
