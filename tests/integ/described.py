# SPDX-License-Identifier: EUPL-1.2
"""What the gateway's own description says of an answer: its status, its media type, its schema."""
import re

import jsonschema


class Description:
    def __init__(self, doc):
        self.doc = doc
        self.paths = [(re.compile(re.sub(r"\\\{[^/]*\\\}", "[^/]+", re.escape(p)) + "/?$"), p) for p in sorted(doc["paths"], key=lambda p: p.count("{"))]
        self.schemas = {}
        self.seen = set()

    def of(self, method, path):
        """The path as the description has it, and its operation; None: it has none."""
        for pattern, name in self.paths:
            if pattern.match(path) and method.lower() in self.doc["paths"][name]:
                return name, self.doc["paths"][name][method.lower()]
        return None, None

    def right(self, method, path, status, kind, answer):
        """Whether the answer is what is said of it. @return False: nothing is said of that address, and it was refused."""
        where = (method, path, status)
        name, op = self.of("GET" if method == "HEAD" else method, path.split("?")[0])
        if op is None:
            assert status >= 400, (where, "there is such an address, and nothing is said of it")
            return False
        said = op["responses"].get(str(status)) or op["responses"].get("%dXX" % (status // 100))
        assert said is not None, (where, "the status is not told of", sorted(op["responses"]))
        self.seen.add((method, name))
        if answer in (None, "", b""):
            return True
        kind = kind.split(";")[0]
        assert kind in said.get("content", {}), (where, kind, said)
        self.valid(said["content"][kind]["schema"], answer, where)
        return True

    def valid(self, schema, value, where):
        key = str(schema)
        if key not in self.schemas:
            self.schemas[key] = jsonschema.Draft202012Validator(dict(schema, components=self.doc["components"]))
        e = next(self.schemas[key].iter_errors(value.decode() if isinstance(value, bytes) else value), None)
        assert e is None, (where, e.message[:600], list(e.absolute_path))

    def examples(self, method, path, kind):
        """By name: what one may send there."""
        got = self.doc["paths"][path][method.lower()]["requestBody"]["content"][kind]
        for name, example in got["examples"].items():
            self.valid(got["schema"], example["value"], (method, path, name))
        return {name: example["value"] for name, example in got["examples"].items()}
