# SPDX-License-Identifier: EUPL-1.2
"""How long needs waited, by how much they ask for, from the files that `schakel lab policy A.rules B.rules --plans DIR` writes (README.md):
`amounts.py DIR/A DIR/B`. Crises are left out, and who came in the first month; who was not helped counts as waiting until it ended."""
import collections
import json
import os
import sys

DAY = 86400000
WARM_DAYS = 30


def waits(path):
    """Days waited and whether it was helped, by hours a week."""
    begun, last, seated, ended, end = {}, {}, {}, {}, 0
    with open(os.path.join(path, "steps.jsonl"), encoding="utf-8") as lines:
        for line in lines:
            step = json.loads(line)
            end = int(step["at_ms"])
            for row in step["rows"]:
                if row["row"] != "need" or "need" not in row:
                    continue
                last[row["id"]] = row
                begun.setdefault(row["id"], end)
                if row.get("seat_id"):
                    seated.setdefault(row["id"], end)
                if row.get("closed"):
                    ended.setdefault(row["id"], end)
    first = min(begun.values()) + WARM_DAYS * DAY
    out = collections.defaultdict(list)
    for key, row in last.items():
        if begun[key] >= first and row["order"].get("wait_class") != "CRISIS":
            until = seated.get(key, ended.get(key, end))
            out[row["need"].get("intensity", 1)].append(((until - begun[key]) / DAY, key in seated))
    return out


def main():
    for path in sys.argv[1:]:
        for amount, rows in sorted(waits(path).items()):
            days = sorted(d for d, _ in rows)
            print("%s: %d a week: %d needs, helped %.1f %%, waited %.0f days on average, one in ten %.0f or more" % (
                os.path.basename(path), amount, len(rows), 100 * sum(h for _, h in rows) / len(rows), sum(days) / len(days),
                days[len(days) * 9 // 10]))


if __name__ == "__main__":
    main()
