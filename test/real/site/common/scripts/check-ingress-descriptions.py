#!/usr/bin/env python3
"""check-ingress-descriptions.py [DIR]: an ingress that stands on the home page has a description."""
import pathlib
import re
import sys

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "stacks")
if not folder.is_dir():
    sys.exit(2)
bad = []
for file in sorted(folder.rglob("*.tf")):
    text = file.read_text()
    if re.search(r'gethomepage\.dev/enabled"?\s*=\s*"true"', text) and "gethomepage.dev/description" not in text:
        bad.append(f"{file}: on the home page, but without gethomepage.dev/description")
print("\n".join(bad), end="\n" if bad else "", file=sys.stderr)
sys.exit(1 if bad else 0)
