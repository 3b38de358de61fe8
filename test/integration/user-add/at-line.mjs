// Loaded into infra with NODE_OPTIONS=--import: acts at one line of its journal, no sooner and no later. AT_LINE is JSON:
// {"line": 7} or {"event": "note", "step": "stack vault", "note": "child-ended"} says which line; "when" is `before` its
// bytes are written, `torn` when half of them are, or `after` they are on the disk; "do" is "kill" (SIGKILL to this very
// process) or {"write": {PATH: TEXT}}.
import { writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const isInfra = /\/bin\/run\.js$/.test(process.argv[1] ?? '');
const order = isInfra && process.env.AT_LINE !== undefined ? JSON.parse(process.env.AT_LINE) : undefined;

function isMeant(count, text) {
  if (order.line !== undefined) return order.line === count;
  const { event, step, data } = JSON.parse(text);
  if (event !== order.event || (order.step !== undefined && step !== order.step)) return false;
  return order.note === undefined || data?.event === order.note;
}

function act() {
  if (order.do === 'kill') process.kill(process.pid, 'SIGKILL');
  for (const [path, text] of Object.entries(order.do.write ?? {})) writeFileSync(path, text);
}

if (order !== undefined) {
  const { open } = fs;
  let count = 0;
  let done = false;
  fs.open = async (path, ...rest) => {
    const file = await open(path, ...rest);
    if (!String(path).includes('/infra/runs/')) return file;
    const appendFile = file.appendFile.bind(file);
    const sync = file.sync.bind(file);
    let isDue = false;
    file.appendFile = async (text) => {
      count += 1;
      isDue = !done && isMeant(count, text);
      done ||= isDue;
      if (isDue && order.when === 'before') act();
      await appendFile(isDue && order.when === 'torn' ? text.slice(0, text.length / 2) : text);
    };
    file.sync = async () => {
      await sync();
      if (isDue && order.when !== 'before') act();
    };
    return file;
  };
  syncBuiltinESMExports();
}
