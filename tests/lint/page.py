# SPDX-License-Identifier: EUPL-1.2
"""Holds the page (services/gateway/page) to its promises: all that one person loads is under 100 kB compressed, without what a
page fetches only when it is wanted (in rolesOf of pages/index.js, not in its names); files of others
are as their checksums say and are named with source and licence; both catalogues have the same keys and every key that is used; no
style or script stands inside HTML, for the gateway's CSP forbids it; nothing is fetched from elsewhere;
every module parses; lines end at 120 columns (tab = 4). Usage: page.py ROOT"""
import gzip
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BUDGET_BYTES = 100_000
LOADED = {".html", ".js", ".css", ".json", ".svg"}
DRAWN = {"uplot.js", "uplot.css", "topojson.js", "elz.topo.json"}
ROLES = re.compile(r"^export const roles = (\[[^]]*\])", re.M)
INDEXED = re.compile(r"^\t(\w+): (\[[^]]*\]),", re.M)
NAMES = re.compile(r"names = \[[^]]*\]")
KEY = re.compile(r"^\t'([\w.]+)':", re.M)
USED = re.compile(r"(?<![\w.])t\(\s*'([\w.]+)'\s*[,)]")
NAMED = re.compile(r"^export const (?:title|lead) = '([\w.]+)'", re.M)
STARTS = re.compile(r"(?<![\w.])t\(\s*(?:'([\w.]+)'\s*\+|`([\w.]+)\$\{)")
INLINE = re.compile(r"""\sstyle=|\son[a-z]+=["']|<script(?![^>]*\bsrc=)|<style\b|javascript:""")
ELSEWHERE = re.compile(r"""(?:src|href|from|import|fetch|url)\W{0,3}(?:https?:)?//[\w.-]+""")


def weigh(path):
    return len(gzip.compress(path.read_bytes(), 9))


def roles_of(page, bad):
    """{page's name: its roles, empty for anybody}, as the modules say; index.js must say the same."""
    index = (page / "pages/index.js").read_text(encoding="utf-8") if (page / "pages/index.js").is_file() else ""
    listed = dict(INDEXED.findall(index))
    found = {}
    for path in sorted((page / "pages").glob("*.js")):
        said = ROLES.search(path.read_text(encoding="utf-8"))
        found[path.stem] = re.findall(r"'(\w+)'", said[1]) if said else []
        if sorted(found[path.stem]) != sorted(re.findall(r"'(\w+)'", listed.get(path.stem, ""))):
            bad.append("pages/index.js: rolesOf of %s is not what the module says: %s" % (path.stem, found[path.stem]))
    return found


def budget(page, bad):
    """What one person loads at most: the shell, one catalogue, the own pages, what these draw with."""
    roles = roles_of(page, bad)
    files = {p for p in page.rglob("*") if p.is_file() and p.suffix in LOADED}
    later = {p for p in files if p.parent.name in ("lang", "pages") and p.stem != "index" or p.name in DRAWN}
    words = max((weigh(p) for p in files if p.parent.name == "lang"), default=0)
    shell = sum(map(weigh, files - later)) + words
    index = (page / "pages/index.js").read_text(encoding="utf-8") if (page / "pages/index.js").is_file() else ""
    names = NAMES.search(index)
    wanted = [name for name in roles if not names or "'%s'" % name in names[0]]
    most = 0
    for role in {r for some in roles.values() for r in some} | {"nobody"}:
        own = [page / "pages" / (name + ".js") for name in wanted if name != "index" and (not roles[name] or role in roles[name])]
        text = "".join(p.read_text(encoding="utf-8") for p in own)
        drawn = [p for p in later if p.name in DRAWN and p.name.split(".")[0] in text]
        total = shell + sum(map(weigh, own + drawn))
        most = max(most, total)
        if total > BUDGET_BYTES:
            largest = ", ".join("%s %d" % (p.relative_to(page), weigh(p)) for p in sorted(files, key=weigh, reverse=True)[:8])
            bad.append("%s loads %d bytes compressed, %d are allowed; largest: %s" % (role, total, BUDGET_BYTES, largest))
    return most


def vendored(page, bad):
    vendor = page / "vendor"
    listed = {}
    for line in (vendor / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        listed[(vendor / name).resolve()] = (digest, name)
    source = (vendor / "SOURCE.md").read_text()
    for path, (digest, name) in listed.items():
        if not path.is_file():
            bad.append("vendor/SHA256SUMS: %s is not there" % name)
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            bad.append("vendor/SHA256SUMS: %s is another file than its checksum says" % name)
        if "`%s`" % name not in source:
            bad.append("vendor/SOURCE.md says nothing of %s" % name)
    for path in vendor.iterdir():
        if path.name not in ("SHA256SUMS", "SOURCE.md") and path.resolve() not in listed:
            bad.append("vendor/%s has no checksum" % path.name)


def words(page, bad):
    text = {lang: (page / "lang" / (lang + ".js")).read_text(encoding="utf-8") for lang in ("nl", "en")}
    keys = {lang: KEY.findall(text[lang]) for lang in text}
    for lang in keys:
        for key in {k for k in keys[lang] if keys[lang].count(k) > 1}:
            bad.append("lang/%s.js: %s stands there twice" % (lang, key))
    for key in set(keys["nl"]) ^ set(keys["en"]):
        bad.append("lang/%s.js lacks %s" % ("en" if key in keys["nl"] else "nl", key))
    for path in ours(page):
        script = path.read_text(encoding="utf-8")
        for key in set(USED.findall(script) + NAMED.findall(script)) - set(keys["nl"]):
            bad.append("%s: lang/nl.js has no %s" % (path.relative_to(page), key))
        for start in {a or b for a, b in STARTS.findall(script)}:
            if not any(k.startswith(start) for k in keys["nl"]):
                bad.append("%s: lang/nl.js has nothing that begins with %s" % (path.relative_to(page), start))


def ours(page):
    return [p for p in sorted(page.rglob("*.js")) if "vendor" not in p.parts and "lang" not in p.parts]


def clean(page, bad):
    for path in ours(page) + sorted(page.rglob("*.html")):
        script = path.read_text(encoding="utf-8")
        if path.suffix == ".js" and "SPDX-License-Identifier: EUPL-1.2" not in script[:200]:
            bad.append("%s: no licence line" % path.relative_to(page))
        for rule, what in ((INLINE, "style or script inside HTML"), (ELSEWHERE, "an address elsewhere")):
            for m in rule.finditer(script):
                bad.append("%s:%d: %s: %s" % (path.relative_to(page), script.count("\n", 0, m.start()) + 1, what, m[0].strip()))
        for n, line in enumerate(script.split("\n"), 1):
            if len(line.expandtabs(4)) > 120:
                bad.append("%s:%d: longer than 120 columns" % (path.relative_to(page), n))


def parsed(page, bad):
    """A module that does not parse stops every page, without a word in the log."""
    node = shutil.which("node")
    for path in ours(page) + sorted((page / "lang").glob("*.js")):
        with tempfile.NamedTemporaryFile(suffix=".mjs") as copy:
            copy.write(path.read_bytes())
            copy.flush()
            run = subprocess.run([node, "--check", copy.name], capture_output=True, encoding="utf-8") if node else None
        if run is not None and run.returncode != 0:
            said = [line for line in run.stderr.splitlines() if "Error" in line]
            bad.append("%s: %s" % (path.relative_to(page), said[0] if said else "does not parse"))


def main():
    page = pathlib.Path(sys.argv[1]) / "services/gateway/page"
    if not page.is_dir():
        return
    bad = []
    total = budget(page, bad)
    vendored(page, bad)
    words(page, bad)
    clean(page, bad)
    parsed(page, bad)
    for line in sorted(bad):
        print("page: " + line)
    if bad:
        sys.exit(1)
    print("page: %d of %d bytes for whom loads most" % (total, BUDGET_BYTES))


main()
