import type { Cause } from '../../../diagnosis/cause.ts';
import {
  LISTENER_MISSING,
  NODE_PORT,
  OVERLAY_NOT_APPLIED,
  PROXY_NOT_ACCEPTED,
  SERVICE_NO_ENDPOINTS,
} from './inside.ts';
import {
  HAPROXY_BACKEND_DOWN,
  HAPROXY_DOWN,
  NAT,
  PUBLIC_IPV4,
  PUBLIC_IPV6,
  ROUNDTRIP_STALE,
  SECOND_MX,
} from './outside.ts';
import { DNS_CAUSES } from './records.ts';
import { BANNED, CLIENT_ADDRESS_LOST, LOCAL_FRAMES, POSTSRSD, QUEUE_STUCK, RELAY_CREDENTIALS } from './server.ts';
import { AUTH_BEFORE_TLS, CERTIFICATE } from './tls.ts';

/** Everything that can be at the root, lowest layer first. The codes are stable. */
export const CAUSES: readonly Cause[] = [
  LISTENER_MISSING,
  OVERLAY_NOT_APPLIED,
  CERTIFICATE,
  AUTH_BEFORE_TLS,
  POSTSRSD,
  LOCAL_FRAMES,
  SERVICE_NO_ENDPOINTS,
  NODE_PORT,
  PROXY_NOT_ACCEPTED,
  HAPROXY_BACKEND_DOWN,
  HAPROXY_DOWN,
  CLIENT_ADDRESS_LOST,
  NAT,
  BANNED,
  PUBLIC_IPV4,
  PUBLIC_IPV6,
  SECOND_MX,
  ...DNS_CAUSES,
  RELAY_CREDENTIALS,
  QUEUE_STUCK,
  ROUNDTRIP_STALE,
];
