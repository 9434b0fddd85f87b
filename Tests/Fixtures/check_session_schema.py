"""Holds session files against their JSON Schema: python check_session_schema.py FILE...

Needs the package jsonschema. `SessionTests/SchemaTests` holds the same in Swift, without Python.
"""

import json
import pathlib
import sys

import jsonschema

schema = json.loads((pathlib.Path(__file__).parents[2] / "Sources/Sessions/Session.schema.json").read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            # The reader of Python takes NaN and Infinity, which are not JSON.
            value = json.loads(line, parse_constant=lambda word: sys.exit(f"{path} line {number}: {word}"))
            for error in validator.iter_errors(value):
                sys.exit(f"{path} line {number}: {error.message[:300]}")
    print(f"{path}: {number} lines fit")
