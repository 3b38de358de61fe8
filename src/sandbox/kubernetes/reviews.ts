import { type Answer, jsonAnswer } from '../http/exchange.ts';
import { at, textAt, textsAt } from './object.ts';
import { type Attributes, authorize, rulesFor } from './rbac.ts';
import type { ClusterState, User } from './state.ts';
import { statusAnswer } from './status.ts';

/** The create-only resources that ask the server about access or identity; undefined for any other path. */
export function reviewAnswer(
  state: ClusterState,
  user: User,
  resource: string,
  body: unknown,
  namespace: string | undefined,
): Answer | undefined {
  switch (resource) {
    case 'authorization.k8s.io/selfsubjectaccessreviews':
      return access(state, 'SelfSubjectAccessReview', user, body);
    case 'authorization.k8s.io/subjectaccessreviews':
      return access(state, 'SubjectAccessReview', userOf(body), body);
    case 'authorization.k8s.io/localsubjectaccessreviews':
      return access(state, 'LocalSubjectAccessReview', userOf(body), body, namespace);
    case 'authorization.k8s.io/selfsubjectrulesreviews':
      return rules(state, user, body);
    case 'authentication.k8s.io/selfsubjectreviews':
      return created('authentication.k8s.io/v1', 'SelfSubjectReview', undefined, {
        userInfo: { username: user.name, groups: user.groups },
      });
    case 'authentication.k8s.io/tokenreviews':
      return tokenReview(state, body);
    default:
      return undefined;
  }
}

function access(state: ClusterState, kind: string, user: User, body: unknown, namespace?: string): Answer {
  const attributes = attributesOf(body, namespace);
  if (attributes === undefined) {
    const message = 'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified';
    const field = 'spec.resourceAttributes';
    const causes = [{ reason: 'FieldValueInvalid', message, field }];
    const details = { group: 'authorization.k8s.io', causes };
    return statusAnswer(422, 'Invalid', `.authorization.k8s.io "" is invalid: ${field}: ${message}`, details);
  }
  const { allowed, reason } = authorize(state, user, attributes);
  const status = { allowed, ...(reason === '' ? {} : { reason }) };
  return created('authorization.k8s.io/v1', kind, at(body, 'spec'), status, namespace);
}

function attributesOf(body: unknown, namespace: string | undefined): Attributes | undefined {
  const asked = at(body, 'spec', 'resourceAttributes');
  if (asked === undefined) {
    const path = textAt(body, 'spec', 'nonResourceAttributes', 'path');
    const verb = textAt(body, 'spec', 'nonResourceAttributes', 'verb');
    return path === '' ? undefined : { verb, group: '', resource: '', path };
  }
  const subresource = textAt(asked, 'subresource');
  const place = textAt(asked, 'namespace') || namespace;
  const name = textAt(asked, 'name');
  return {
    verb: textAt(asked, 'verb'),
    group: textAt(asked, 'group'),
    resource: subresource === '' ? textAt(asked, 'resource') : `${textAt(asked, 'resource')}/${subresource}`,
    ...(place === undefined || place === '' ? {} : { namespace: place }),
    ...(name === '' ? {} : { name }),
  };
}

function userOf(body: unknown): User {
  return {
    name: textAt(body, 'spec', 'user'),
    groups: textsAt(body, 'spec', 'groups'),
  };
}

function rules(state: ClusterState, user: User, body: unknown): Answer {
  const found = rulesFor(state, user, textAt(body, 'spec', 'namespace') || 'default');
  const of = (field: string) => found.filter((rule) => at(rule, field) !== undefined);
  return created(
    'authorization.k8s.io/v1',
    'SelfSubjectRulesReview',
    {},
    {
      resourceRules: of('resources'),
      nonResourceRules: of('nonResourceURLs'),
      incomplete: false,
    },
  );
}

function tokenReview(state: ClusterState, body: unknown): Answer {
  const user = state.tokens.get(textAt(body, 'spec', 'token'));
  const status =
    user === undefined
      ? { user: {}, error: '[invalid bearer token]' }
      : { authenticated: true, user: { username: user.name, groups: user.groups } };
  return created('authentication.k8s.io/v1', 'TokenReview', at(body, 'spec'), status);
}

function created(apiVersion: string, kind: string, spec: unknown, status: unknown, namespace?: string): Answer {
  const object = {
    kind,
    apiVersion,
    metadata: { ...(namespace === undefined ? {} : { namespace }), creationTimestamp: null },
    ...(spec === undefined ? {} : { spec }),
    status,
  };
  return jsonAnswer(201, JSON.stringify(object));
}
