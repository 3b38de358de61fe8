#!/usr/bin/env python3
"""check-allowed-groups.py [DIR]: a group that an ingress admits exists."""
import pathlib
import re
import sys

UI_MANAGED_GROUPS = {"kubernetes-namespace-owners", "Headscale Users", "Allow Login Users"}

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "stacks")
if not folder.is_dir():
    sys.exit(2)
texts = {file: file.read_text() for file in sorted(folder.rglob("*.tf"))}
known = UI_MANAGED_GROUPS | {
    name for text in texts.values() for name in re.findall(r'resource "authentik_group" "[^"]*" \{\s*name\s*=\s*"([^"]*)"', text)
}
bad = [
    f"{file}: no such group: {name}"
    for file, text in texts.items()
    for names in re.findall(r"allowed_groups\s*=\s*\[([^\]]*)\]", text)
    for name in re.findall(r'"([^"]*)"', names)
    if name not in known
]
print("\n".join(bad), end="\n" if bad else "", file=sys.stderr)
sys.exit(1 if bad else 0)
