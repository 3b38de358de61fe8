import { InfraError } from '../../errors.ts';

/** How an ingress lets visitors in: with a login, by the application's own, in public, or without any. */
export const AUTHS = ['required', 'app', 'public', 'none'] as const;

/** What a new stack is to hold. */
export type ScaffoldRequest = {
  readonly name: string;
  readonly image?: string | undefined;
  readonly port?: number | undefined;
  /** A label below the platform's domain, or a whole host name. */
  readonly host?: string | undefined;
  readonly auth?: (typeof AUTHS)[number] | undefined;
  /** Why `app` or `none` may be: the repository's guard wants it said. */
  readonly why?: string | undefined;
  readonly description?: string | undefined;
  readonly secret?: boolean;
  /** Size of a volume, `5Gi`. */
  readonly storage?: string | undefined;
  readonly storageClass?: string | undefined;
};

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const HOST = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;
const IMAGE = /^[a-z0-9]([\w.:/@-]*[\w])$/i;

type Violation = { readonly code: string; readonly message: string };

/** Refuses what cannot become a stack, everything that is wrong at once. Errors: `stack.new-bad-request` (64). */
export function assertRequest(request: ScaffoldRequest): void {
  const violations = [
    ...nameRules(request),
    ...containerRules(request),
    ...ingressRules(request),
    ...storageRules(request),
  ];
  const [first] = violations;
  if (first === undefined) return;
  throw new InfraError('stack.new-bad-request', 'usage', first.message, {
    ...(violations.length > 1 ? { violations } : {}),
    hints: ['infra stack new blog --image ghcr.io/example/blog:1.4.2 --port 8080 --host blog'],
  });
}

function wrong(code: string, message: string): Violation {
  return { code: `stack.new-${code}`, message };
}

function nameRules({ name }: ScaffoldRequest): readonly Violation[] {
  if (LABEL.test(name)) return [];
  return [
    wrong(
      'name',
      `The name "${name}" cannot be a namespace: at most 63 of a-z, 0-9 and -, beginning and ending without -.`,
    ),
  ];
}

function containerRules({ image, port, host, storage, secret }: ScaffoldRequest): readonly Violation[] {
  const found: Violation[] = [];
  if (image !== undefined && !IMAGE.test(image)) found.push(wrong('image', `"${image}" is no image reference.`));
  if (image !== undefined && !/(@sha256:[0-9a-f]{64}|:[\w][\w.-]{0,127})$/.test(image)) {
    found.push(wrong('image-tag', `The image ${image} has no tag: what runs would change by itself.`));
  }
  if (image?.endsWith(':latest') === true) {
    found.push(wrong('image-tag', `The image ${image} has the tag latest: what runs would change by itself.`));
  }
  if (port !== undefined && (port < 1 || port > 65_535)) found.push(wrong('port', `${port} is no port.`));
  const needsImage = [
    ...(port === undefined ? [] : ['--port']),
    ...(storage === undefined ? [] : ['--storage']),
    ...(secret === true ? ['--secret'] : []),
  ];
  if (image === undefined && needsImage.length > 0) {
    const belong = needsImage.length === 1 ? 'belongs' : 'belong';
    found.push(wrong('no-image', `${needsImage.join(' and ')} ${belong} to a container: --image is missing.`));
  }
  if (host !== undefined && port === undefined) found.push(wrong('no-port', '--host needs the container’s --port.'));
  return found;
}

function ingressRules({ host, auth, why }: ScaffoldRequest): readonly Violation[] {
  const found: Violation[] = [];
  if (host === undefined && auth !== undefined) found.push(wrong('no-host', '--auth says who may visit a --host.'));
  if (host !== undefined && !HOST.test(host)) found.push(wrong('host', `"${host}" is no host name.`));
  if ((auth === 'app' || auth === 'none') && why === undefined) {
    found.push(wrong('no-reason', `--auth ${auth} lets visitors in without the platform’s login: say why with --why.`));
  }
  if (why !== undefined && /[\p{Cc}\p{Cf}]/u.test(why)) found.push(wrong('reason', '--why has to be one plain line.'));
  return found;
}

function storageRules({ storage, storageClass }: ScaffoldRequest): readonly Violation[] {
  const found: Violation[] = [];
  if (storage !== undefined && !/^[1-9]\d*(Mi|Gi|Ti)$/.test(storage)) {
    found.push(wrong('storage', `"${storage}" is no size: 500Mi, 5Gi, 1Ti.`));
  }
  if (storageClass !== undefined && !HOST.test(storageClass)) {
    found.push(wrong('storage-class', `"${storageClass}" is no name of a storage class.`));
  }
  if (storageClass !== undefined && storage === undefined) {
    found.push(wrong('no-storage', '--storage-class belongs to a volume: --storage is missing.'));
  }
  return found;
}
