# SPDX-License-Identifier: EUPL-1.2
"""Holds the page (services/gateway/page) to its promises: all that one person may load is under 100 kB compressed; files of others
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
SERVED = str(pathlib.Path(__file__).resolve().parents[2] / "services/gateway/page.sed")
LOADED = {".html", ".js", ".css", ".json", ".svg"}
PATHS = re.compile(r"^export const path = (.*?);", re.M | re.S)
ROLES = re.compile(r"^export const roles = (\[[^]]*\])", re.M)
LISTED = re.compile(r"^\t(\w+): \{(.*?)\},$", re.M | re.S)
TAKES = re.compile(r"""from\s*['"](\.[^'"]+)['"]""")
OPENS = re.compile(r"""import\(['"](\.[^'"]+)['"]\)""")
TAGGED = re.compile(r"""(?:src|href)="/static/([^"]+)\"""")
FETCHED = re.compile(r"""'/static/([\w./]+)'""")
SCRIPT = re.compile(r"""(?<!function )script\('(\w+)'\)""")
KEY = re.compile(r"^\t'([\w.]+)':", re.M)
USED = re.compile(r"(?<![\w.])t\(\s*'([\w.]+)'\s*[,)]")
QUOTED = re.compile(r"'(\w+(?:\.\w+)+)'")
NAMED = re.compile(r"^export const (?:title|lead) = '([\w.]+)'", re.M)
STARTS = re.compile(r"(?<![\w.])t\(\s*(?:'([\w.]+)'\s*\+|`([\w.]+)\$\{)")
INLINE = re.compile(r"""\sstyle=|\son[a-z]+=["']|<script(?![^>]*\bsrc=)|<style\b|javascript:""")
ELSEWHERE = re.compile(r"""(?:src|href|from|import|fetch|url)\W{0,3}(?:https?:)?//[\w.-]+""")


def served(path):
    """The bytes that a browser gets: page.sh gives ours without comments."""
    whole = path.read_bytes()
    if "vendor" in path.parts or path.suffix not in (".js", ".css"):
        return whole
    return subprocess.run(["sed", "-f", SERVED], input=whole, capture_output=True, check=True).stdout


def weigh(path):
    return len(gzip.compress(served(path), 9))


def strings(text):
    return re.findall(r"'([^']*)'", text)


def listing(page, bad):
    """{page's name: {path, roles, words}} as pages/index.js has it; the modules must say the same."""
    index = (page / "pages/index.js").read_text(encoding="utf-8") if (page / "pages/index.js").is_file() else ""
    listed = {}
    for name, row in LISTED.findall(index):
        listed[name] = {part: strings(said) for part, said in re.findall(r"(\w+): (\[[^]]*\])", row)}
    modules = {p.stem: p.read_text(encoding="utf-8") for p in (page / "pages").glob("*.js")}
    modules = {name: text for name, text in modules.items() if PATHS.search(text)}
    for name in sorted(set(modules) ^ set(listed)):
        bad.append("pages/index.js: %s is not in it, or there is no such module" % name)
    for name in sorted(set(modules) & set(listed)):
        for what, rule in (("path", PATHS), ("roles", ROLES)):
            said = rule.search(modules[name])
            said = strings(said[1]) if said else []
            have = listed[name].get(what, [])
            if sorted(said) != sorted(have):
                bad.append("pages/index.js: %s of %s is not what the module says: %s" % (what, name, said))
    return {name: listed[name] for name in listed if name in modules}


def reach(page, start, opened=True):
    """The files that one brings with it: what it imports and tags; when opened what it fetches then, too."""
    found, todo = set(), [start]
    while todo:
        path = todo.pop()
        if path in found or not path.is_file():
            continue
        found.add(path)
        if path.suffix not in (".js", ".html"):
            continue
        text = served(path).decode()
        todo += [(path.parent / name).resolve() for name in TAKES.findall(text)]
        if "vendor" not in path.parts:
            todo += [page / name for name in TAGGED.findall(text)]
        if opened and "vendor" not in path.parts:
            todo += [(path.parent / name).resolve() for name in OPENS.findall(text)]
            todo += [page / name for name in FETCHED.findall(text)]
            todo += [page / "vendor" / (name + ".js") for name in SCRIPT.findall(text)]
    return found


def catalogue(page, part, lang):
    return page / "lang" / (lang + ("_" + part if part else "") + ".js")


def budget(page, bad):
    """What one person loads at most for one page: the shell, words in one language, all that its role loads when it
    begins, and what the page opens. Beside it, with every own page opened; and all files."""
    pages = listing(page, bad)
    shell = reach(page, page / "index.html") | {page / "icon.svg"}
    weight = {p: weigh(p) for p in page.rglob("*") if p.is_file() and p.suffix in LOADED}

    def sum_of(names, files):
        parts = {part for name in names for part in pages[name].get("words", [])} | {"shell"}
        said = [sum(weight.get(catalogue(page, part, lang), 0) for part in parts) for lang in ("nl", "en")]
        return sum(weight.get(p, 0) for p in files if p.parent.name != "lang") + max(said)

    one, every = (0, "nobody"), (0, "nobody")
    for role in sorted({r for row in pages.values() for r in row.get("roles", [])} | {"VISITOR"}):
        own = [name for name, row in pages.items() if role in row.get("roles", [role])]
        more = {name: reach(page, page / "pages" / (name + ".js")) for name in pages}
        begun = shell.union(*(reach(page, page / "pages" / (name + ".js"), False) for name in own))
        every = max(every, (sum_of(own, begun.union(*(more[name] for name in own))), role))
        for name in own + [name for name, row in pages.items() if row.get("roles") == []]:
            total = sum_of(own + [name], begun | more[name])
            one = max(one, (total, "%s at %s" % (role, name)))
            if total > BUDGET_BYTES:
                heavy = sorted(begun | more[name], key=lambda p: -weight.get(p, 0))[:8]
                largest = ", ".join("%s %d" % (p.relative_to(page), weight[p]) for p in heavy)
                bad.append("%s loads %d bytes compressed for %s, %d are allowed; largest: %s" % (role, total, name, BUDGET_BYTES, largest))
    return one, every, sum(weight.values())


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
    for path in vendor.rglob("*"):
        if path.is_file() and path.name not in ("SHA256SUMS", "SOURCE.md") and path.resolve() not in listed:
            bad.append("vendor/%s has no checksum" % path.name)


def keys_of(path):
    return KEY.findall(path.read_text(encoding="utf-8"))


def words(page, bad):
    """Both languages have the same; what a page and its parts say stands in the words that it loads."""
    keys = {}
    for nl in sorted((page / "lang").glob("nl*.js")):
        part = nl.stem[3:]
        en = catalogue(page, part, "en")
        keys[part] = set(keys_of(nl))
        for key in keys[part] ^ set(keys_of(en) if en.is_file() else []):
            bad.append("lang/%s lacks %s" % (en.name if key in keys[part] else nl.name, key))
    for lang in ("nl", "en"):
        files = [catalogue(page, part, lang) for part in keys]
        every = [key for path in files if path.is_file() for key in keys_of(path)]
        for key in sorted({k for k in every if every.count(k) > 1}):
            bad.append("lang: %s stands twice in %s" % (key, lang))
    pages = listing(page, [])
    shell = reach(page, page / "app.js")
    every = set().union(*keys.values())
    said(page, "app.js", shell, (keys["shell"], every), bad)
    for name, row in pages.items():
        there = keys["shell"].union(*(keys.get(part, set()) for part in row.get("words", [])))
        said(page, "pages/" + name, reach(page, page / "pages" / (name + ".js")) - shell, (there, every), bad)


def said(page, who, files, keys, bad):
    there, every = keys
    for path in sorted(p for p in files if p.suffix == ".js" and not {"vendor", "lang"} & set(p.parts)):
        script = path.read_text(encoding="utf-8")
        for key in sorted((set(USED.findall(script) + NAMED.findall(script)) | set(QUOTED.findall(script)) & every) - there):
            bad.append("%s: no %s in the words that %s loads" % (path.relative_to(page), key, who))
        for start in {a or b for a, b in STARTS.findall(script)}:
            if not any(k.startswith(start) for k in there):
                bad.append("%s: nothing begins with %s in the words that %s loads" % (path.relative_to(page), start, who))


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
            copy.write(served(path))
            copy.flush()
            run = subprocess.run([node, "--check", copy.name], capture_output=True, encoding="utf-8") if node else None
        if run is not None and run.returncode != 0:
            said = [line for line in run.stderr.splitlines() if "Error" in line]
            bad.append("%s: %s" % (path.relative_to(page), said[0] if said else "does not parse"))


def main():
    page = (pathlib.Path(sys.argv[1]) / "services/gateway/page").resolve()
    if not page.is_dir():
        return
    bad = []
    (one, where), (every, who), whole = budget(page, bad)
    vendored(page, bad)
    words(page, bad)
    clean(page, bad)
    parsed(page, bad)
    for line in sorted(bad):
        print("page: " + line)
    if bad:
        sys.exit(1)
    print("page: at most %d of %d bytes for one page (%s), %d with every own page opened (%s); all files together %d"
          % (one, BUDGET_BYTES, where, every, who, whole))


main()
