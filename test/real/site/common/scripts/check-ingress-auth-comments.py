#!/usr/bin/env python3
"""check-ingress-auth-comments.py [DIR]: an ingress that goes past the login says why, in a comment above `auth`."""
import pathlib
import re
import sys

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "stacks")
if not folder.is_dir():
    sys.exit(2)
bad = []
for file in sorted(folder.rglob("*.tf")):
    lines = file.read_text().splitlines()
    for number, line in enumerate(lines, 1):
        found = re.match(r'\s*auth\s*=\s*"(app|none)"', line)
        if found and not any(f'# auth = "{found[1]}":' in above for above in lines[max(0, number - 4) : number - 1]):
            bad.append(f'{file}:{number}: auth = "{found[1]}" without a comment that says why')
print("\n".join(bad), end="\n" if bad else "", file=sys.stderr)
sys.exit(1 if bad else 0)
