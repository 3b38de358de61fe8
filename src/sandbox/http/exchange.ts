/** One request as a stand-in sees it. `path` is the raw path without the query; header names are lower-case. */
export type Exchange = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** What a stand-in answers. A streamed body is written chunk by chunk, as a log or a watch is. */
export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | AsyncIterable<string>;
};

/** A server without its socket: the sandbox calls it directly while it builds a world, and over HTTP afterwards. */
export type Handle = (ask: Exchange) => Answer | Promise<Answer>;

/** What an HTTP client got: status and whole body. */
export type Reply = { readonly status: number; readonly body: string };

/** Sends one request to a stand-in; `path` carries its query. Errors: Node's network errors (ECONNREFUSED, …). */
export type Send = (
  method: string,
  path: string,
  body?: string,
  headers?: Readonly<Record<string, string>>,
) => Promise<Reply>;

/** A JSON answer with the newline that the real servers end theirs with. */
export function jsonAnswer(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: `${text}\n` };
}

/** A `Send` that calls a handler in this process, without a socket. */
export function sendDirectly(handle: Handle, standing: Readonly<Record<string, string>>): Send {
  return async (method, path, body = '', headers = {}) => {
    const url = new URL(path, 'http://direct');
    const ask = { method, path: url.pathname, query: url.searchParams, headers: { ...standing, ...headers }, body };
    const answer = await handle(ask);
    if (typeof answer.body === 'string') return { status: answer.status, body: answer.body };
    const chunks: string[] = [];
    for await (const chunk of answer.body) chunks.push(chunk);
    return { status: answer.status, body: chunks.join('') };
  };
}
