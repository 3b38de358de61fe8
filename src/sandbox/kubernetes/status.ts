import { type Answer, jsonAnswer } from '../http/exchange.ts';
import type { ResourceType } from './object.ts';

/** A `Status` error as the API server writes it. */
export function statusAnswer(
  code: number,
  reason: string,
  message: string,
  details?: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === '' ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
  return jsonAnswer(code, JSON.stringify(body), headers);
}

/** `deployments.apps`, `namespaces`. */
export function qualified(type: Pick<ResourceType, 'group' | 'plural'>): string {
  return type.group === '' ? type.plural : `${type.plural}.${type.group}`;
}

/** `details` of an error about one object. */
export function detailsOf(type: Pick<ResourceType, 'group' | 'plural'>, name: string): Record<string, unknown> {
  return { ...(name === '' ? {} : { name }), ...(type.group === '' ? {} : { group: type.group }), kind: type.plural };
}

/** 404 for an object. */
export function notFound(type: ResourceType, name: string): Answer {
  return statusAnswer(404, 'NotFound', `${qualified(type)} "${name}" not found`, detailsOf(type, name));
}

/** 409 for a create of something that exists. */
export function alreadyExists(type: ResourceType, name: string): Answer {
  return statusAnswer(409, 'AlreadyExists', `${qualified(type)} "${name}" already exists`, detailsOf(type, name));
}

/** 409 for a write that is based on an older version. */
export function conflict(type: ResourceType, name: string): Answer {
  return statusAnswer(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(type)} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    detailsOf(type, name),
  );
}

/** 422 for an object that breaks a rule. `field` and `message` as in field errors. */
export function invalid(type: ResourceType, name: string, field: string, message: string): Answer {
  const group = type.group === '' ? {} : { group: type.group };
  return statusAnswer(
    422,
    'Invalid',
    `${type.kind}${type.group === '' ? '' : `.${type.group}`} "${name}" is invalid: ${field}: ${message}`,
    {
      ...(name === '' ? {} : { name }),
      ...group,
      kind: type.kind,
      causes: [{ reason: message.startsWith('Required') ? 'FieldValueRequired' : 'FieldValueInvalid', message, field }],
    },
  );
}

/** 401: no known credential. */
export function unauthorized(): Answer {
  return statusAnswer(401, 'Unauthorized', 'Unauthorized');
}

/** 400 with a plain message. */
export function badRequest(message: string): Answer {
  return statusAnswer(400, 'BadRequest', message);
}

/** 404 for a resource that the group does not serve. */
export function noSuchResource(): Answer {
  return statusAnswer(404, 'NotFound', 'the server could not find the requested resource', {});
}

/** 410 for a continue token or a watch from a version that is gone. */
export function expired(message: string): Answer {
  return statusAnswer(410, 'Expired', message);
}
