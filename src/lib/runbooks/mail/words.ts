/** `1 message`, `3 messages`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${String(number).replace(/\B(?=(\d{3})+$)/g, ',')} ${number === 1 ? one : many}`;
}

/** `a, b and 3 more`: never a line that nobody reads. */
export function some(names: readonly string[], most = 3, between = ', '): string {
  const rest = names.length - most;
  return rest <= 0 ? names.join(between) : `${names.slice(0, most).join(between)} and ${rest} more`;
}
