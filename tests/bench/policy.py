# SPDX-License-Identifier: EUPL-1.2
"""Section `lab`: ten years of the demo region under two rules files side by side, and one year under each that is shipped (the list of one-to-one
grows without end, and each step on it takes longer: three years of it had not ended after twelve minutes)."""
import json
import os
import subprocess
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
ALL = ("one-to-one", "one-facility", "arrival", "urgency", "accumulating", "deadline", "crisis-accumulating", "law", "prices")
AT_ONCE = 8  # as many as one command line takes
CLASSES = ("crisis", "urgent", "standard", "preventive")
SHOWN = (*((f, k) for f in ("first_help_mean", "first_help_p50", "first_help_p90", "answered_on_time") for k in CLASSES), ("partners_per_team", "all"),
         ("needs_helped_per_request", "all"), ("refusals_per_child", "all"), ("waiting_at_the_end", "all"), ("law_cost", "all"))


def play(place, rules, *span):
    files = [os.path.join(ROOT, "deploy/rules", r + ".rules") for r in rules]
    begun = time.monotonic()
    told = subprocess.run([os.path.join(os.environ["SCHAKEL_BIN"], "schakel"), "--lang", "en", "--json", "lab", "policy", *files, *span,
                           "--region", os.path.join(ROOT, "deploy/demo-region"), "--scratch", place.dir],
                          capture_output=True, encoding="utf-8", check=True)
    return json.loads(told.stdout), time.monotonic() - begun


def shown(figure, value):
    if value is None:
        return "%s -" % figure
    return "%s %s" % (figure, "%.1f h" % (value / 3600000) if figure.startswith("first_help") else "%.3f" % (value / 1000))


def section_lab(plan, place, table):
    years = ("--days", "60") if plan.quick else ("--years", "10")
    both, took = play(place, ("law", "arrival"), *years)
    again, _ = play(place, ("law",), "--days", "60")
    third, _ = play(place, ("law",), "--days", "60")
    assert again["runs"][0]["digest"] == third["runs"][0]["digest"], "the same seed, another digest"
    name = "policy lab, %d days, two rules files" % both["days"]
    table.value(name, [took], "s", "<= 600 for ten years")
    table.value(name + ": CPU of the longer one", [max(r["cpu_ms"] for r in both["runs"]) / 1000], "s")
    table.note("%s: %s" % (name, "; ".join("%s %d inputs, digest %s" % (r["rules"], r["inputs"], r["digest"]) for r in both["runs"])))
    for i, rules in enumerate(ALL):
        if i % AT_ONCE == 0:
            every, _ = play(place, ALL[i:i + AT_ONCE], *(("--days", "60") if plan.quick else ("--years", "1")))
            figures = {(f["figure"], f["class"]): f["values"] for f in every["figures"]}
        table.note("%d days, %s: %s" % (every["days"], rules, ", ".join(k + " " + shown(f, figures[f, k][i % AT_ONCE]) for f, k in SHOWN)))
