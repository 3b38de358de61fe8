/** What a mail is found by. Addresses are whole, `@domain`, or `<>` for no sender. */
export type TraceKey =
  | { readonly kind: 'queue-id'; readonly id: string }
  | { readonly kind: 'message-id'; readonly id: string }
  | { readonly kind: 'addresses'; readonly from?: string; readonly to?: string }
  | { readonly kind: 'last' };

/** What is known of a mail when it is decided whether it is the one. */
export type Known = {
  readonly queueIds: readonly string[];
  readonly messageId: string | undefined;
  readonly from: string | undefined;
  readonly to: readonly string[];
};

/** Whether a mail has the key. Addresses are compared without case; ids with. */
export function hasKey(key: TraceKey, known: Known): boolean {
  switch (key.kind) {
    case 'queue-id':
      return known.queueIds.includes(key.id);
    case 'message-id':
      return known.messageId === key.id;
    case 'addresses':
      return (
        (key.from === undefined || (known.from !== undefined && fits(key.from, known.from))) &&
        (key.to === undefined || known.to.some((address) => fits(key.to ?? '', address)))
      );
    case 'last':
      return true;
  }
}

/** The key in words. */
export function keyText(key: TraceKey): string {
  switch (key.kind) {
    case 'queue-id':
      return `queue id ${key.id}`;
    case 'message-id':
      return `message id <${key.id}>`;
    case 'addresses':
      return [
        ...(key.from === undefined ? [] : [`from ${key.from}`]),
        ...(key.to === undefined ? [] : [`to ${key.to}`]),
      ].join(' ');
    case 'last':
      return 'the last mail';
  }
}

function fits(wanted: string, address: string): boolean {
  const [a, b] = [wanted.toLowerCase(), address.toLowerCase()];
  if (a === '<>') return b === '';
  return a.startsWith('@') ? b.endsWith(a) : a === b;
}
