#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""A check that cannot fail is a defect: each lint gets a small clean tree, which must pass, and the
same tree with one planted violation, which must fail with the words that name it."""
import hashlib
import os
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
BUF = TOP / "build/npm/node_modules/.bin/buf"
PYTHON = "/usr/bin/python3"
CORE = "services/intake/core.c"
SCHEMA = "proto/schakel/v1/a.proto"
RETURN = "\treturn from > 0 ? from : -1;\n"
LICENCE = "/* SPDX-License-Identifier: EUPL-1.2 */\n"
PAGE = "services/gateway/page"
SCRIPT = "// SPDX-License-Identifier: EUPL-1.2\n"
OTHERS = "of others\n"

CLEAN = {
    "common/one.h": LICENCE + "#pragma once\n/** @file  A header. */\nint one_get(int from);\n",
    CORE: LICENCE + "/* A core may speak of time( and exit( in a comment. */\n"
    '#include "common/one.h"\n\nint one_get(int from)\n{\n' + RETURN + "}\n",
    "services/waitlist/w.h": LICENCE + "#pragma once\n/** @file  Another. */\n",
    "tests/lint/ratchet.txt": "# what is larger\n",
    "tests/unit/a_test.c": LICENCE + "static void test_a(void **state)\n{\n\t(void)state;\n}\n",
    "README.md": "# A\n\n## The demands of the seeds\n| id | what | proof |\n|---|---|---|\n" + "".join(
        f"| {letter}{n} | it is | `tests/unit/a_test.c: test_a` |\n"
        for letter, count in (("A", 14), ("B", 19), ("C", 12), ("D", 16)) for n in range(1, count + 1)),
    "deploy/packages.txt": "[run]\ngcc\n[npm]\n@a/b\n",
    "deploy/npm/package.json": '{\n\t"devDependencies": {\n\t\t"@a/b": "1.0.0"\n\t}\n}\n',
    "deploy/npm/package-lock.json": '{ "integrity": "sha512-0" }\n',
    f"{PAGE}/app.js": SCRIPT + "export const title = 'a.one';\nconst x = t('a.one');\n",
    f"{PAGE}/lang/nl_shell.js": SCRIPT + "export default {\n\t'a.one': 'een',\n};\n",
    f"{PAGE}/lang/en_shell.js": SCRIPT + "export default {\n\t'a.one': 'one',\n};\n",
    f"{PAGE}/index.html": '<script src="/static/app.js"></script>\n',
    f"{PAGE}/icon.svg": "<svg/>\n",
    f"{PAGE}/pages/one.js": SCRIPT + "export const path = '/one';\nexport const roles = ['FAMILY'];\n",
    f"{PAGE}/pages/index.js": SCRIPT + "export const index = {\n\tone: {path: ['/one'], roles: ['FAMILY'], words: []},\n};\n",
    f"{PAGE}/vendor/o.js": OTHERS,
    f"{PAGE}/vendor/SOURCE.md": "`o.js`\n",
    f"{PAGE}/vendor/SHA256SUMS": hashlib.sha256(OTHERS.encode()).hexdigest() + "  o.js\n",
    "proto/fields.csv": "message,field,class,note\nInner,capsule,SEALED,\nInner,code,CODE,\n",
    "proto/buf.yaml": (TOP / "proto/buf.yaml").read_text(),
    SCHEMA: '// SPDX-License-Identifier: EUPL-1.2\nsyntax = "proto3";\npackage schakel.v1;\n'
    "message Inner {\n  bytes capsule = 1;\n  string code = 2;\n}\n"
    "message Message {\n  Inner inner = 1;\n}\n",
}
LINTS = {
    "repo": ["sh", f"{HERE}/repo.sh", "."],
    "banned": [PYTHON, f"{HERE}/banned.py", "."],
    "shape": [PYTHON, f"{HERE}/shape.py", "."],
    "demands": [PYTHON, f"{HERE}/demands.py", "."],
    "page": [PYTHON, f"{HERE}/page.py", "."],
    "proto": ["sh", "-c", "protoc --include_imports -Iproto --descriptor_set_out=../set.binpb "
              f"proto/schakel/v1/*.proto && {PYTHON} {HERE}/proto_lint.py ../set.binpb proto/fields.csv"],
    "buf": [BUF, "lint", "proto"],
    "breaking": [BUF, "breaking", "proto", "--against", "../baseline.binpb"],
    "symbols": ["sh", "-c", f"gcc -w -I. -c -o ../core.o {CORE} && sh {HERE}/symbols.sh ../core.o"],
}


def edit(path, old, new):
    def plant(tree):
        assert old in tree[path], f"{old!r} is not in {path}"
        tree[path] = tree[path].replace(old, new)
    return plant


def append(path, text):
    def plant(tree):
        tree[path] = tree.get(path, "") + text
    return plant


def body(text):
    return edit(CORE, RETURN, RETURN + text)


def field(text):
    return edit(SCHEMA, "  Inner inner = 1;\n", f"  Inner inner = 1;\n  {text}\n")


def both(*plants):
    return lambda tree: [plant(tree) for plant in plants]


DEEP = both(field("A a = 2;"), append(SCHEMA, "message A { B x = 1; }\nmessage B { C x = 1; }\n"
                                      "message C { D x = 1; }\nmessage D { Inner x = 1; }\n"))
NESTED = "\tif (a) {\n\t\tfor (;;) {\n\t\t\tdo {\n\t\t\t\tif (b) {\n\t\t\t\t}\n\t\t\t} while (c);\n\t\t}\n\t}\n"
# The words of the next two are in pieces, so that the lint of this tree does not find them here.
UNFINISHED, MACHINE = "TO" "DO", "/ho" "me/x"
BIG = SCRIPT + "".join(f"\t'{random.Random(n).random()}': '{random.Random(-n).random()}',\n" for n in range(9000))
PROOF = "| it is | `tests/unit/a_test.c: test_a` |\n"

PLANTS = [
    ("repo", "notes.txt does not belong at the top", append("notes.txt", "x\n")),
    ("repo", "core.c: first line is not the licence line", edit(CORE, LICENCE, "")),
    ("repo", "a.sh: no licence line", append("tests/a.sh", "true\n")),
    ("repo", "one.h: second line is not #pragma once", edit("common/one.h", "#pragma once\n", "")),
    ("repo", "one.h: no @file comment", edit("common/one.h", "@file", "")),
    ("repo", "unfinished work", body(f"\t/* {UNFINISHED} */\n")),
    ("repo", "path of one machine", append("deploy/a.conf", f"x = {MACHINE}\n")),
    ("repo", "names a registry", append("deploy/npm/package-lock.json", '{ "resolved": 1 }\n')),
    ("repo", "[npm] of packages.txt and the pins", append("deploy/packages.txt", "@c/d\n")),
    *(("banned", f"{call} is banned", body(f"\t{call}(x);\n"))
      for call in ("assert", "exit", "atoi", "strcpy", "sprintf", "strcat", "gets", "rand", "longjmp",
                   "sigsetjmp")),
    *(("banned", f"a core cannot reach {call}", body(f"\t{call}(x);\n"))
      for call in ("time", "clock_gettime", "uv_run", "zmq_send", "getenv", "fopen", "socket",
                   "getrandom")),
    ("banned", "a core cannot reach #include <time.h>", append(CORE, "#include <time.h>\n")),
    ("banned", "common/ never includes services/",
     append("common/one.h", '#include "services/waitlist/w.h"\n')),
    ("banned", "no service includes another's header",
     append(CORE, '#include "services/waitlist/w.h"\n')),
    ("banned", "product code never includes tests/", append(CORE, '#include "tests/unit/t.h"\n')),
    ("shape", "function-lines of one_get is 61, limit 60", body("\t;\n" * 57)),
    ("shape", "file-lines of core.c is 501, limit 500", append(CORE, "\n" * 493)),
    ("shape", "columns of core.c is 101, limit 100", append(CORE, "/*" + "x" * 99 + "\n")),
    ("shape", "parameters of one_get is 6, limit 5",
     edit(CORE, "(int from)", "(int a, int b, int (*c)(int, int), int d, int e, int from)")),
    ("shape", "nesting of one_get is 4, limit 3", body(NESTED)),
    ("shape", "has shrunk: lower it", append("tests/lint/ratchet.txt", "columns common/one.h 120\n")),
    ("shape", "columns of core.c is 122, limit 120",
     both(append(CORE, "/*" + "x" * 120 + "\n"),
          append("tests/lint/ratchet.txt", f"columns {CORE} 120\n"))),
    ("demands", "C8 stands 0 times", edit("README.md", f"| C8 {PROOF}", "")),
    ("demands", "D16 stands 2 times", append("README.md", f"| D16 {PROOF}")),
    ("demands", "D17 is no demand", append("README.md", f"| D17 {PROOF}")),
    ("demands", "A1 names tests/unit/b_test.c, which does not exist",
     edit("README.md", f"| A1 {PROOF}", f"| A1 {PROOF}".replace("a_test.c", "b_test.c"))),
    ("demands", "B19 names test_b, which is not in",
     edit("README.md", f"| B19 {PROOF}", f"| B19 {PROOF}".replace("test_a`", "test_a, test_b`"))),
    ("demands", "A14 names no test and does not say what lacks",
     edit("README.md", f"| A14 {PROOF}", "| A14 | it is | |\n")),
    ("page", "FAMILY loads", both(edit(f"{PAGE}/pages/index.js", "words: []", "words: ['big']"),
     append(f"{PAGE}/lang/nl_big.js", BIG), append(f"{PAGE}/lang/en_big.js", BIG))),
    ("page", "path of one is not what the module says", edit(f"{PAGE}/pages/one.js", "'/one'", "'/two'")),
    ("page", "roles of one is not what the module says", edit(f"{PAGE}/pages/one.js", "['FAMILY']", "['OPERATOR']")),
    ("page", "two is not in it, or there is no such module",
     append(f"{PAGE}/pages/two.js", SCRIPT + "export const path = '/two';\n")),
    ("page", "no a.other in the words that pages/one loads", both(append(f"{PAGE}/pages/one.js", "t('a.other');\n"),
     append(f"{PAGE}/lang/nl_big.js", "\t'a.other': 'x',\n"), append(f"{PAGE}/lang/en_big.js", "\t'a.other': 'x',\n"))),
    ("page", "o.js is another file than its checksum says", append(f"{PAGE}/vendor/o.js", "x")),
    ("page", "vendor/p.js has no checksum", append(f"{PAGE}/vendor/p.js", "x")),
    ("page", "SOURCE.md says nothing of o.js", edit(f"{PAGE}/vendor/SOURCE.md", "o.js", "x.js")),
    ("page", "lang/en_shell.js lacks a.two", append(f"{PAGE}/lang/nl_shell.js", "\t'a.two': 'twee',\n")),
    ("page", "a.one stands twice in en", append(f"{PAGE}/lang/en_shell.js", "\t'a.one': 'one',\n")),
    ("page", "app.js: no a.two in the words that app.js loads", append(f"{PAGE}/app.js", "t('a.two', {n: 1});\n")),
    ("page", "app.js: no b.title in the words", append(f"{PAGE}/app.js", "export const lead = 'b.title';\n")),
    ("page", "nothing begins with b. in the words", append(f"{PAGE}/app.js", "t(`b.${x}`);\n")),
    ("page", "style or script inside HTML", append(f"{PAGE}/a.html", "<p style='x'>\n")),
    ("page", "style or script inside HTML", append(f"{PAGE}/app.js", "html`<p style=${x}>`;\n")),
    ("page", "style or script inside HTML", append(f"{PAGE}/a.html", "<script>x</script>\n")),
    ("page", "an address elsewhere", append(f"{PAGE}/a.html", "<img src='//example.org/x'>\n")),
    ("page", "app.js: no licence line", edit(f"{PAGE}/app.js", SCRIPT, "")),
    ("page", "longer than 120 columns", append(f"{PAGE}/app.js", "x" * 121)),
    ("proto", "recursive message type", field("Message again = 2;")),
    ("proto", "Message,told: not classed", field("string told = 2;")),
    ("proto", "Inner,gone,CODE,: no such string or bytes", append("proto/fields.csv", "Inner,gone,CODE,\n")),
    ("proto", "class FREE is none of", edit("proto/fields.csv", "code,CODE", "code,FREE")),
    ("proto", "SEALED holds for bytes", edit("proto/fields.csv", "capsule,SEALED", "capsule,ID")),
    ("proto", "SEALED holds for bytes", edit("proto/fields.csv", "code,CODE", "code,SEALED")),
    ("proto", "MESSAGE_TEXT holds for", edit("proto/fields.csv", "code,CODE", "code,MESSAGE_TEXT")),
    ("proto", "stands twice", append("proto/fields.csv", "Inner,code,CODE,\n")),
    ("proto", "named like personal data", field("uint32 birth_date = 2;")),
    ("proto", "A: 5 levels of messages, limit 4", DEEP),
    ("buf", "should be lower_snake_case", field("uint32 BadName = 2;")),
    ("breaking", "deleted without reserving", edit(SCHEMA, "  string code = 2;\n", "")),
    ("breaking", "changed type", edit(SCHEMA, "string code", "uint32 code")),
    ("symbols", "imports: clock_gettime", edit(CORE, RETURN, "\treturn clock_gettime(0, 0);\n")),
]


def run(lint, tree, work):
    """Returns (exit code, output) of one lint over a tree that is written anew."""
    with tempfile.TemporaryDirectory(dir=work) as top:
        for name, text in tree.items():
            path = pathlib.Path(top) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", GIT_CEILING_DIRECTORIES=work)
        done = subprocess.run(LINTS[lint], cwd=top, env=env, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as work:
        tree = pathlib.Path(work) / "base/schakel/v1"
        tree.mkdir(parents=True)
        (tree / "a.proto").write_text(CLEAN[SCHEMA])
        subprocess.run([BUF, "build", f"{work}/base", "-o", f"{work}/baseline.binpb"], check=True)
        for lint in LINTS:
            code, output = run(lint, CLEAN, work)
            if code != 0:
                print(f"selftest: {lint} refuses the clean tree:\n{output}")
                failed += 1
        for lint, words, plant in PLANTS:
            tree = dict(CLEAN)
            plant(tree)
            code, output = run(lint, tree, work)
            if code == 0 or words not in output:
                print(f"selftest: {lint} ({code}) does not name: {words}\n{output}")
                failed += 1
    print(f"selftest: {len(PLANTS) + len(LINTS) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
