import { randomBytes } from 'node:crypto';
import type { Answer, Handle } from '../http/exchange.ts';
import type { EdgeState } from './state.ts';

/** Cloudflare in front of Traefik: its headers on every answer, and an answer of its own where the world has one. */
export function createCloudflareEdge(state: EdgeState, origin: Handle): Handle {
  return async (ask) => {
    const { cloudflare } = state.world;
    if (typeof cloudflare !== 'string') return throughCloudflare(cloudflare);
    return throughCloudflare(await origin(ask));
  };
}

function throughCloudflare(answer: Answer): Answer {
  const ray = `${randomBytes(8).toString('hex')}-SOF`;
  return {
    ...answer,
    headers: { ...answer.headers, server: 'cloudflare', 'cf-ray': ray, 'cf-cache-status': 'DYNAMIC' },
  };
}

/** A Worker that throws: Cloudflare's error 1101, with status 500. */
export function workerThrows(): Answer {
  return {
    status: 500,
    headers: { 'content-type': 'text/html; charset=UTF-8' },
    body: '<!DOCTYPE html><html><head><title>Worker threw exception | sandbox.test | Cloudflare</title></head><body><h1>Error 1101</h1></body></html>\n',
  };
}

/** A tunnel without a connector: Cloudflare's error 1033, with status 530. */
export function tunnelDown(): Answer {
  return { status: 530, headers: { 'content-type': 'text/plain; charset=UTF-8' }, body: 'error code: 1033' };
}
