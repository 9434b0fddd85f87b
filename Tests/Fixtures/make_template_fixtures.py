#!/usr/bin/env python3
"""Writes templates/cases.json: what Jinja makes of templates, in the environment of the reference (transformers 5.24, Jinja2 3.1.6).

    python3 Tests/Fixtures/make_template_fixtures.py
    python3 Tests/Fixtures/make_template_fixtures.py --random 20000 --seed 7 FILE

The cases are those of template_cases.txt and 250 random ones. The second form writes random cases alone, for the test that
`TRIPTYCH_TEMPLATE_CASES=FILE` asks for. The clock stands at 2025-07-10 12:00:00. Cases whose output shows an
address or a complex number are left out.
"""
import argparse, datetime, json, os, random, re, signal, sys
import jinja2
from transformers.utils import chat_template_utils as reference

HERE = os.path.dirname(os.path.abspath(__file__))


class Clock(datetime.datetime):
    @classmethod
    def now(cls, zone=None): return cls(2025, 7, 10, 12, 0, 0)


reference.datetime = Clock

CONTEXT = {
    "s": "Hello, World", "e": "", "u": "Zoë ß ﬁ ΑΣ 日本 👍", "m": "one\ntwo\n\nfour ", "w": "  x y  ", "h": "<b>\"q\" & 'p'</b>",
    "i": 7, "n": -3, "z": 0, "big": 9007199254740993, "f": 2.5, "g": -0.1, "t": True, "no": False, "none": None,
    "L": [3, 1, 2], "S": ["b", "A", "c", "a"], "M": [1, 2.5, True, None, "x", [1], {"k": 1}], "E": [], "N": [[1, 2], [3], []],
    "D": {"b": 1, "a": 2, "C": 3}, "o": {"name": "Zoë", "tags": ["x", "y"], "in": {"k": [1, {"z": None}]}},
    "rows": [{"n": "x", "v": 2, "g": "p"}, {"n": "Y", "v": 1, "g": "q"}, {"n": "z", "v": 3, "g": "P", "extra": True}],
}


def outcome(template):
    """The text, or the kind of error and, for raise_exception, its message; None where it cannot be compared."""
    try:
        compiled = reference._compile_jinja_template.__wrapped__(template)
    except (jinja2.TemplateSyntaxError, SyntaxError):
        return {"error": "syntax"}
    except (RecursionError, AssertionError, UnicodeError, TypeError, KeyError, ValueError):
        return None
    signal.alarm(2)
    try:
        text = compiled.render(**json.loads(json.dumps(CONTEXT)))
        text.encode()
    except jinja2.TemplateError as error:
        raised = type(error) is jinja2.TemplateError
        return {"error": "raised", "message": str(error)} if raised else {"error": "runtime"}
    except UnicodeError:
        return None
    except (Timeout, RecursionError):
        return None
    except Exception:
        return {"error": "runtime"}
    finally:
        signal.alarm(0)
    if re.search(r" at 0x|object at|<class|<bound|<built-in|<function|<generator|iterator|reversed object|[0-9]j\)", text) or len(text) > 4000: return None
    return {"text": text}


class Timeout(BaseException): pass


def expire(*_): raise Timeout


signal.signal(signal.SIGALRM, expire)


class Grammar:
    """Random expressions and statements. Kinds are only likely, so that errors are met as well."""

    ARGUMENTS = {
        "truncate": ["5", "9", "4, true", '6, true, "…", 0', "255"],
        "tojson": ["", "", "(indent=2)", "(ensure_ascii=true)", "(sort_keys=true)", '(separators=(",", ":"))', "(indent='->')"],
        "select": ["", '("odd")', '("string")', '("defined")', '("gt", 1)', '("in", [1, 2])'],
        "selectattr": ["", ', "eq", 2', ', "defined"', ', "equalto", "p"', ', "lt", 3'],
        "dictsort": ["", "(true)", '(by="value")', "(reverse=true)"],
        "filter": ["upper", "trim", "indent(2, true)", 'replace("a", "b") | title'],
    }

    def __init__(self, seed): self.r = random.Random(seed)

    def one(self, name): return self.r.choice(self.ARGUMENTS[name])

    def pick(self, *options): return self.r.choice(options)

    def string(self, d):
        if d <= 0 or self.r.random() < 0.25:
            return self.pick("s", "e", "u", "m", "w", "h", "'a'", "'l'", "''", "' '", "'ab\\n'", "\"it's\"", "'{}-{}'", "'%s'", "'3.7'", "'12'",
                             "'é'", "'_'", "o.name", "rows[0].n", "'a,b,,c'", "S[1]", "D.zz")
        x = lambda: self.string(d - 1)
        a = lambda: self.any(d - 1)
        i = lambda: self.integer(d - 2)
        q = lambda: self.sequence(d - 1)
        return self.pick(
            lambda: f"{x()} ~ {a()}", lambda: f"({x()} + {x()})", lambda: f"{x()} * {self.pick('2', '3', '0', '-1')}",
            lambda: f"({x()})[{i()}:{i()}]", lambda: f"({x()})[::{self.pick(-1, 2, -2, 1)}]", lambda: f"({x()})[{i()}]",
            lambda: f"({x()}).{self.pick('upper', 'lower', 'title', 'capitalize', 'swapcase', 'strip', 'lstrip', 'rstrip', 'casefold')}()",
            lambda: f"({x()}).{self.pick('strip', 'lstrip', 'rstrip', 'removeprefix', 'removesuffix')}({x()})",
            lambda: f"({x()}).replace({x()}, {x()}{self.pick('', ', 1', ', -1', ', 0')})",
            lambda: f"({x()}).{self.pick('ljust', 'rjust', 'center', 'zfill')}({self.pick(3, 8, 15, -1)}{self.pick('', '')})",
            lambda: f"({x()}).{self.pick('center', 'ljust')}({self.pick(9, 14)}, '*')",
            lambda: f"({x()}).join({q()})", lambda: f"({q()})|join{self.pick('', '(' + x() + ')')}",
            lambda: f"({x()})|{self.pick('upper', 'lower', 'title', 'capitalize', 'trim', 'string', 'safe', 'e', 'reverse', 'striptags', 'urlencode', 'forceescape', 'urlize')}",
            lambda: f"({x()})|replace({x()}, {x()})", lambda: f"({x()})|indent({self.pick('', '2', '1, true', '3, true, true', 'first=true', 'blank=true')})",
            lambda: f"({x()})|truncate({self.one('truncate')})", lambda: f"({x()})|center({self.pick(5, 20)})",
            lambda: f"({a()})|tojson{self.one('tojson')}",
            lambda: f"({a()})|string", lambda: f"({a()})|pprint", lambda: f"({x()})|wordwrap({self.pick(5, 8, 20)}{self.pick('', ', false')})",
            lambda: f"({a()})|xmlattr", lambda: f"({i()})|filesizeformat{self.pick('', '(true)')}",
            lambda: f"{self.pick('{:>8}', '{:<6}|', '{:^7}', '{:*^9}', '{!r}', '{0}{0}', '{:5.2f}', '{:+d}', '{:,}', '{:x}', '{:08.3f}', '{:e}', '{:.3}', '{:.1%}', '{:#x}', '{:_}', '{:05}', '{:g}', '{:.0f}')!r}.format({a()})",
            lambda: f"{self.pick('%s', '%d', '%5d|', '%-6s|', '%+.2f', '%x', '%05d', '%e', '%g', '%r', '%c', '%.3s', '%#x', '%5.1f%%', '% d', '%i', '%X', '%o', '%.5d', '%08.2f')!r} % ({a()})",
            lambda: f"'%s|%s' % ({a()}, {a()})", lambda: f"'%s-%s'|format({a()}, {a()})",
        )()

    def integer(self, d):
        if d <= 0 or self.r.random() < 0.3:
            return self.pick("i", "n", "z", "big", "0", "1", "2", "-1", "3", "10", "true", "100", "0x1f", "1_000", "D.a", "L[0]", "99999999999999999999", "2**70", "-7")
        x = lambda: self.number(d - 1)
        q = lambda: self.sequence(d - 1)
        return self.pick(
            lambda: f"({x()} {self.pick('+', '-', '*', '//', '%')} {x()})", lambda: f"(-{self.integer(d - 1)})", lambda: f"{self.any(d - 1)}|int",
            lambda: f"({q()})|length", lambda: f"({self.string(d - 1)})|length", lambda: f"({q()})|sum", lambda: f"({x()})|abs",
            lambda: f"({self.string(d - 1)}).{self.pick('find', 'count', 'rfind')}({self.string(d - 2)})", lambda: f"({self.string(d - 1)})|wordcount",
            lambda: f"({q()})|{self.pick('max', 'min', 'first', 'last')}", lambda: f"({self.string(d - 1)})|int(5, 16)", lambda: f"({x()} ** {self.pick(2, 3, 0, 20)})",
            lambda: f"({q()}).count({x()})", lambda: f"({x()})|round(-1)|int",
        )()

    def number(self, d):
        if self.r.random() < 0.6: return self.integer(d)
        if d <= 0 or self.r.random() < 0.4: return self.pick("f", "g", "0.1", "1e16", "1e-7", "2.675", "3.0", "-0.5", "1e22", "123456.789", "5e-324", "0.30000000000000004")
        x = lambda: self.number(d - 1)
        return self.pick(
            lambda: f"({x()} {self.pick('+', '-', '*', '/', '//', '%')} {x()})", lambda: f"({x()})|round({self.pick('', '1', '2', '0', '-1')})",
            lambda: f"({x()})|round({self.pick('1', '0', '2')}, '{self.pick('ceil', 'floor')}')", lambda: f"{self.any(d - 1)}|float", lambda: f"({x()} ** {self.pick('0.5', '-1', '2')})",
        )()

    def truth(self, d):
        a = lambda: self.any(d - 1)
        return self.pick(
            lambda: f"({a()} {self.pick('==', '!=')} {a()})", lambda: f"({self.number(d - 1)} {self.pick('<', '<=', '>', '>=')} {self.number(d - 1)})",
            lambda: f"({self.string(d - 1)} {self.pick('<', '>=')} {self.string(d - 1)})", lambda: f"({a()} {self.pick('in', 'not in')} {self.sequence(d - 1)})",
            lambda: f"({self.string(d - 1)} in {self.string(d - 1)})", lambda: f"({a()} is {self.pick('', 'not ')}{self.pick('defined', 'none', 'string', 'number', 'mapping', 'sequence', 'iterable', 'boolean', 'integer', 'float', 'true', 'false', 'undefined', 'callable', 'escaped')})",
            lambda: f"({self.integer(d - 1)} is {self.pick('odd', 'even', 'divisibleby 3', 'eq 2', 'gt(1)', 'in [1, 2, 3]')})", lambda: f"(not {a()})",
            lambda: f"({a()} {self.pick('and', 'or')} {a()})", lambda: f"({self.string(d - 1)}).{self.pick('isdigit', 'isalpha', 'isupper', 'islower', 'isspace', 'istitle', 'isalnum', 'isnumeric', 'isidentifier', 'isascii')}()",
            lambda: f"({self.string(d - 1)}).{self.pick('startswith', 'endswith')}({self.string(d - 1)})", lambda: f"({self.integer(d - 2)} < {self.integer(d - 2)} <= {self.integer(d - 2)})",
        )()

    def sequence(self, d):
        if d <= 0 or self.r.random() < 0.25:
            return self.pick("L", "S", "M", "E", "N", "rows", "D", "o.tags", "range(4)", "range(5, 0, -2)", "[1, 'a', 2.0]", "(1,)", "()", "(1, 2)", "['x', 'y']", "D.items()", "D.keys()", "D.values()", "missing")
        q = lambda: self.sequence(d - 1)
        a = lambda: self.any(d - 1)
        return self.pick(
            lambda: f"({q()})|list", lambda: f"({q()})|sort{self.pick('', '(reverse=true)', '(case_sensitive=true)')}", lambda: f"({q()})|reverse|list", lambda: f"({q()})|unique|list",
            lambda: f"({q()})[{self.pick('1:', ':2', '::-1', '-2:', '::2', ':-1')}]", lambda: f"({q()} + {q()})", lambda: f"({q()} * 2)", lambda: f"({self.string(d - 1)}).split({self.pick('', self.string(d - 2), 'none, 1', self.pick(repr(','), repr(' ')) + ', 1')})",
            lambda: f"({self.string(d - 1)}).rsplit({self.pick(repr('l'), repr(','), 'none')}, {self.pick(1, 2, -1)})", lambda: f"({self.string(d - 1)}).{self.pick('splitlines()', 'splitlines(true)', 'partition(' + repr('l') + ')', 'rpartition(' + repr('o') + ')')}",
            lambda: f"rows|map(attribute='{self.pick('n', 'v', 'g', 'zz')}')|list", lambda: f"({q()})|map('{self.pick('upper', 'string', 'int', 'length', 'tojson', 'abs', 'default')}')|list",
            lambda: f"({q()})|{self.pick('select', 'reject')}{self.one('select')}|list",
            lambda: f"rows|{self.pick('selectattr', 'rejectattr')}('{self.pick('v', 'n', 'extra', 'g')}'{self.one('selectattr')})|list",
            lambda: f"rows|sort(attribute='{self.pick('n', 'v', 'g', 'g,v', 'zz')}'{self.pick('', ', reverse=true')})", lambda: f"rows|groupby('{self.pick('g', 'v', 'n')}')", lambda: f"({q()})|batch({self.pick(2, 3)}{self.pick('', ', 0')})|list",
            lambda: f"({q()})|slice({self.pick(2, 3)}{self.pick('', ', 0')})|list", lambda: f"D|dictsort{self.one('dictsort')}", lambda: f"({q()})|items|list",
            lambda: f"[{a()}, {a()}]", lambda: f"({a()}, {a()})", lambda: f"{{'k': {a()}, {self.pick('1', 'none', 'true', '1.5', repr('k'))}: {a()}}}", lambda: f"dict(D, a={a()})", lambda: f"dict({q()})",
        )()

    def any(self, d):
        r = self.r.random()
        if r < 0.3: return self.string(d)
        if r < 0.5: return self.number(d)
        if r < 0.65: return self.sequence(d)
        if r < 0.75 and d > 0: return self.truth(d)
        if r < 0.82 and d > 0: return f"({self.any(d - 1)} if {self.truth(d - 1)}{self.pick('', ' else ' + self.any(d - 1))})"
        if r < 0.88 and d > 0: return f"({self.any(d - 1)})|default({self.any(d - 1)}{self.pick('', ', true')})"
        return self.pick("none", "missing", "D", "o", "rows[1]", "o['in'].k[1]", "o.get('name')", "o.get('q', 4)", "D.a", "D['b']", "namespace(a=1)", "t", "no", "o.nothing", "range(3)", "L[9]", "-f", "s.x", "i.real")

    def body(self, d):
        """Statements."""
        parts = []
        for _ in range(self.r.randint(1, 3)):
            sign = lambda: self.pick("", "", "", "-", "-")
            space = lambda: self.pick("", " ", "\n", "\n  ", "  \n", "x ", "\t")
            r = self.r.random()
            b = lambda: self.body(d - 1) if d > 0 else "[{{ a }}]"
            if r < 0.3: part = f"{{{{{sign()} {self.any(2)} {sign()}}}}}"
            elif r < 0.42: part = f"{{%{sign()} if {self.truth(1)} {sign()}%}}{b()}{{%{sign()} elif {self.truth(1)} %}}{b()}{{% else {sign()}%}}{b()}{{%{sign()} endif {sign()}%}}"
            elif r < 0.6:
                target, seq = self.pick(("a", self.sequence(1)), ("a, b", "D.items()"), ("a", "rows"), ("a, b", self.sequence(1)), ("a", "L"))
                more = self.pick("", "", f" if {self.truth(1)}")
                inner = self.pick("", "{{ loop.index }}/{{ loop.length }}", "{% if loop.last %}!{% endif %}", "{% if loop.index == 2 %}{% continue %}{% endif %}", "{% if loop.index0 == 1 %}{% break %}{% endif %}", "{{ loop.cycle('p', 'q') }}", "{{ loop.previtem is defined }}{{ loop.nextitem }}", "{{ loop.revindex }}", "{% if loop.changed(a) %}c{% endif %}")
                part = f"{{%{sign()} for {target} in {seq}{more} {sign()}%}}{inner}{b()}{{%{sign()} else %}}{self.pick('none', b())}{{%{sign()} endfor {sign()}%}}"
            elif r < 0.75: part = f"{{%{sign()} set {self.pick('a', 'b', 's', 'ns.x', 'a, b')} = {self.pick(self.any(1), self.any(1), '(1, 2)')} {sign()}%}}"
            elif r < 0.8: part = f"{{% set {self.pick('a', 'b | upper', 'a')} %}}{b()}{{% endset %}}"
            elif r < 0.86: part = f"{{% macro {self.pick('m', 'k')}(p, q={self.any(0)}) %}}{b()}{{{{ p }}}}{{% endmacro %}}{{{{ {self.pick('m', 'k')}({self.any(1)}{self.pick('', ', ' + self.any(0), ', q=' + self.any(0), ', 1, 2')}) }}}}"
            elif r < 0.9: part = f"{{% filter {self.one('filter')} %}}{b()}{{% endfilter %}}"
            elif r < 0.94: part = f"{{% with a = {self.any(1)}, c = b %}}{b()}{{{{ c }}}}{{% endwith %}}"
            elif r < 0.96: part = f"{{#{sign()} note {sign()}#}}"
            else: part = f"{{%{sign()} generation %}}{b()}{{% endgeneration {sign()}%}}"
            parts.append(space() + part)
        return "".join(parts) + self.pick("", "\n", " ", "\n\n")

    def template(self):
        if self.r.random() < 0.6: return "{{ " + self.any(self.r.randint(1, 3)) + " }}"
        return "{% set ns = namespace(x=0) %}" + self.body(2) + "{{ a }}{{ ns.x }}"


def random_cases(count, seed):
    grammar = Grammar(seed)
    seen = set()
    while len(seen) < count:
        template = grammar.template()
        if template in seen or len(template) > 1200: continue
        result = outcome(template)
        if result is None: continue
        seen.add(template)
        yield {"template": template, **result}


def named_cases():
    with open(os.path.join(HERE, "templates", "template_cases.txt"), encoding="utf-8", newline="") as file:
        for block in file.read().split("\n----\n"):
            template = block.strip("\n") if not block.startswith("\n\n") else block[1:]
            if not template or template.startswith("#!"): continue
            result = outcome(template)
            if result is None: sys.exit(f"cannot be compared: {template}")
            yield {"template": template, **result}


def write(path, cases):
    with open(path, "w", encoding="utf-8") as file:
        lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
        file.write('{\n"context": ' + json.dumps(CONTEXT, ensure_ascii=False) + ',\n"cases": [\n' + lines + "\n]\n}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--random", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("file", nargs="?")
    options = parser.parse_args()
    if options.random: write(options.file, random_cases(options.random, options.seed))
    else: write(os.path.join(HERE, "templates", "cases.json"), list(named_cases()) + list(random_cases(250, 3)))
