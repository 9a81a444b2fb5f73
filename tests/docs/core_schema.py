"""YAML as its core schema 1.2 reads it, which is how editors and the daemon see a file: `off` and `yes` are texts, and keys
stay as they are written."""

import re

import yaml


class CoreLoader(yaml.SafeLoader):
    yaml_implicit_resolvers = {}


for tag, pattern, first in (
        ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
        ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
        ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
        ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789"))):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)

CoreLoader.add_constructor("tag:yaml.org,2002:int",
                           lambda loader, node: int(node.value, 0 if node.value[:2] in ("0x", "0o") else 10))
CoreLoader.add_constructor("tag:yaml.org,2002:map",
                           lambda loader, node: {key.value: loader.construct_object(value, deep=True) for key, value in node.value})


def read(text):
    return yaml.load(text, CoreLoader)
