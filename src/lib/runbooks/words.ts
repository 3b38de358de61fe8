/** `64 MiB`, `2 GiB`, `1.5 GiB`: sizes as an operator writes them. */
export function sizeWords(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value >= 10 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

/** `45 s`, `12 min`, `15.2 h`, `5.1 d`: times with as many digits as mean something. */
export function timeWords(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${trim(seconds / 3600)} h`;
  return `${trim(seconds / 86_400)} d`;
}

function trim(value: number): string {
  return value >= 30 ? String(Math.round(value)) : String(Number(value.toFixed(1)));
}

/** `1 pod`, `3 pods`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${thousands(number)} ${number === 1 ? one : many}`;
}

/** `16,384`. */
export function thousands(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `a, b and 3 more`: never a line that nobody reads. */
export function some(names: readonly string[], most = 3, between = ', '): string {
  const rest = names.length - most;
  return rest <= 0 ? names.join(between) : `${names.slice(0, most).join(between)} and ${rest} more`;
}

/** `17 Apr 03:10 UTC`, from ISO 8601. */
export function momentWords(iso: string): string {
  const at = new Date(iso);
  const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][at.getUTCMonth()];
  return `${at.getUTCDate()} ${month} ${at.toISOString().slice(11, 16)} UTC`;
}
