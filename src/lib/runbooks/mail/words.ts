/** `1 message`, `3 messages`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${String(number).replace(/\B(?=(\d{3})+$)/g, ',')} ${number === 1 ? one : many}`;
}

/** `a, b and 3 more`: never a line that nobody reads. */
export function some(names: readonly string[], most = 3, between = ', '): string {
  const rest = names.length - most;
  return rest <= 0 ? names.join(between) : `${names.slice(0, most).join(between)} and ${rest} more`;
}

/** `45 min`, `5 h`, `3 d`: ages as an operator says them. */
export function ageWords(minutes: number): string {
  if (minutes < 120) return `${Math.round(minutes)} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} d`;
}
