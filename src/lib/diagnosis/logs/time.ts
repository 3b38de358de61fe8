/** A point in time as a line tells it. `assumed`: what the line leaves out and we filled in. */
export type LineTime = { readonly ms: number; readonly assumed?: 'zone' | 'year' };

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAY_MS = 86_400_000;

// RFC 3339, the same with a space, PostgreSQL's zone name behind a space, nginx's slashes.
const ISO =
  /(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d|\s(?:UTC|GMT|Z)\b)?/;
const SYSLOG = /^([A-Z][a-z]{2})\s{1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)/;
const COMMON = /\[(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})\]/;
const KLOG = /^[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d+))?/;
const UNIX = /^\d{9,13}(?:\.\d+)?$/;

function offsetMs(zone: string): number {
  const match = /([+-])(\d\d):?(\d\d)/.exec(zone);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === '-' ? -minutes : minutes) * 60_000;
}

function at(year: number, month: number, day: number, clock: readonly (string | undefined)[], fraction = ''): number {
  const [hour, minute, second] = clock.map(Number);
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3));
  return Date.UTC(year, month, day, hour ?? 0, minute ?? 0, second ?? 0, ms);
}

/** The latest year in which that day is not in the future: what syslog leaves out. */
function withYear(month: number, day: number, clock: readonly (string | undefined)[], nowMs: number): LineTime {
  const year = new Date(nowMs).getUTCFullYear();
  const ms = at(year, month, day, clock);
  return { ms: ms > nowMs + DAY_MS ? at(year - 1, month, day, clock) : ms, assumed: 'year' };
}

/**
 * The first time in a text, or that a number of seconds or milliseconds stands for; undefined when there is none, or
 * none that makes sense. A time without zone is taken as UTC, one without year as the last such day before `nowMs`.
 */
export function timeIn(text: string, nowMs: number): LineTime | undefined {
  const found = anyTime(text, nowMs);
  return found !== undefined && found.ms >= 0 && found.ms < 8.64e15 ? found : undefined;
}

function anyTime(text: string, nowMs: number): LineTime | undefined {
  if (UNIX.test(text)) {
    const number = Number(text);
    return { ms: Math.round(number > 1e11 ? number : number * 1000) };
  }
  const syslog = SYSLOG.exec(text);
  const month = MONTHS.indexOf((syslog?.[1] ?? '').toLowerCase());
  if (syslog !== null && month >= 0) return withYear(month, Number(syslog[2]), syslog.slice(3, 6), nowMs);
  const klog = KLOG.exec(text);
  if (klog !== null) return withYear(Number(klog[1]) - 1, Number(klog[2]), klog.slice(3, 6), nowMs);
  const iso = ISO.exec(text);
  if (iso !== null) {
    const [, year, months, day] = iso;
    const ms = at(Number(year), Number(months) - 1, Number(day), iso.slice(4, 7), iso[7]);
    const zone = iso[8];
    return zone === undefined ? { ms, assumed: 'zone' } : { ms: ms - offsetMs(zone) };
  }
  const access = COMMON.exec(text);
  if (access !== null) {
    const ms = at(
      Number(access[3]),
      MONTHS.indexOf((access[2] ?? '').toLowerCase()),
      Number(access[1]),
      access.slice(4, 7),
    );
    return { ms: ms - offsetMs(access[7] ?? '') };
  }
  return undefined;
}
