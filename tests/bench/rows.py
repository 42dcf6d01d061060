# SPDX-License-Identifier: EUPL-1.2
"""The table: what we measured, beside what it is compared with, as ratios of pairs of one round."""
import statistics


def spread(values):
    return min(values), statistics.median(values), max(values)


def figure(value, unit):
    if unit == "/s":
        return "{:,.0f}/s".format(value)
    if unit == "us":
        return "{:,.0f} us".format(value) if value < 10000 else "{:,.1f} ms".format(value / 1000)
    if unit == "MiB":
        return "{:,.0f} MiB".format(value)
    if unit == "s":
        return "{:,.2f} s".format(value)
    return "{:,.2f}".format(value)


class Table:
    def __init__(self):
        self.rows = []
        self.notes = []
        self.all_notes = []
        self.shown = 0

    def compare(self, row, ours, unit, against, theirs, wanted=""):
        """ours, theirs: one value a round; a ratio is of two values of the same round."""
        if not ours or not theirs or any(t == 0 for t in theirs):
            return
        ratios = [a / b for a, b in zip(ours, theirs)]
        self.rows.append((row, figure(statistics.median(ours), unit), against,
                          figure(statistics.median(theirs), unit),
                          "%.2f (%.2f-%.2f)" % (statistics.median(ratios), min(ratios), max(ratios)),
                          wanted))

    def value(self, row, ours, unit, wanted=""):
        low, mid, high = spread(ours)
        text = "%s (%s-%s)" % (figure(mid, unit), figure(low, unit), figure(high, unit))
        self.rows.append((row, text, "", "", "", wanted))

    def note(self, text):
        self.notes.append(text)

    def show(self, section):
        print("\n== %s" % section)
        head = ("row", "measured", "against", "that", "ratio (min-max)", "expected")
        block = [head] + self.rows[self.shown:]
        widths = [max(len(r[i]) for r in block) for i in range(len(head))]
        for r in block:
            print("  ".join(c.ljust(w) for c, w in zip(r, widths)).rstrip())
        for n in self.notes:
            print("  " + n)
        self.shown = len(self.rows)
        self.all_notes += self.notes
        self.notes = []
        print(flush=True)

    def write(self, path, about):
        """Appends: sections that were run apart stand below each other."""
        with open(path, "a", encoding="utf-8") as f:
            f.write("\n" if f.tell() else "<!-- SPDX-License-Identifier: EUPL-1.2 -->\n# Measured\n\n")
            f.write("".join("- %s\n" % line for line in about))
            f.write("\n| row | measured | against | that | ratio (min-max) | expected |\n|---|---|---|---|---|---|\n")
            for r in self.rows:
                f.write("| %s |\n" % " | ".join(r))
            f.write("".join(["\n"] + ["- %s\n" % n for n in self.all_notes]) if self.all_notes else "")
