import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import { some } from '../../words.ts';
import { type DeploymentFact, partOf } from '../evidence/deployments.ts';
import { DEPLOYMENTS_ID } from './deployments.ts';

/** Images that the repository pins: the text of the tag in the chart's values. */
export type PinEvidence = { readonly pins: readonly { readonly file: string; readonly tag: string }[] };

const FILES = ['modules/authentik/values.yaml', 'values.yaml'];

/** Whether what runs is what the repository says, and the same everywhere. */
export const serverImages: Probe<PinEvidence> = {
  id: 'authentik.server.images',
  title: 'image versions',
  layer: 'server',
  dependsOn: [DEPLOYMENTS_ID],
  kind: 'passive',
  cost: `${FILES.length} files of the repository`,
  question: 'Do server, worker and outposts run one version, and the one that is pinned?',
  why: 'An outpost of another version may not read its configuration; and where the pin is not what runs, the next apply is an upgrade or a downgrade that nobody planned.',
  byHand: (site) =>
    `kubectl -n ${site.authentik.namespace.value} get deployments -o custom-columns='NAME:.metadata.name,IMAGE:.spec.template.spec.containers[*].image'; grep -n -A2 'tag:' ${site.stacks.dir.value}/authentik/${FILES[0]}`,
  healthy: 'One version, the pinned one.',
  failures: [
    { code: 'server.versions-differ', meaning: 'Server, worker and outposts run different versions.' },
    { code: 'server.pin-differs', meaning: 'The repository pins another version than what runs.' },
  ],

  async collect({ client, site }) {
    const files = await client('files');
    const folder = `${site.root.value}/${site.stacks.dir.value}/authentik`;
    const found = await Promise.all(
      FILES.map(async (name) => {
        const content = (await files.read(`${folder}/${name}`)) ?? '';
        const tag = /^\s*tag:\s*["']?([\w.-]+)["']?\s*(?:#.*)?$/m.exec(content)?.[1];
        return tag === undefined ? [] : [{ file: name, tag }];
      }),
    );
    return { pins: found.flat() };
  },

  judge({ pins }, given): Judgement {
    const own = given
      .answer<readonly DeploymentFact[]>(DEPLOYMENTS_ID)
      .filter((deployment) => ['server', 'worker', 'outpost'].includes(partOf(deployment)));
    const running = own.flatMap((deployment) =>
      deployment.images.slice(0, 1).map((image) => ({ name: deployment.name, tag: tagOf(image) })),
    );
    if (running.length === 0) return { verdict: 'UNKNOWN', reason: 'empty', detail: 'no image of Authentik is known' };
    const releases = new Set(running.map(({ tag }) => release(tag)));
    if (releases.size > 1) {
      const words = running.map(({ name, tag }) => `${name} ${tag}`);
      return {
        verdict: 'WARN',
        detail: `different versions: ${some(words, 4)}`,
        observations: [{ code: 'server.versions-differ' }],
      };
    }
    const server = running.find(({ name }) => name.endsWith('-server')) ?? running[0];
    const other = pins.find(({ tag }) => server !== undefined && tag !== server.tag);
    if (other !== undefined) {
      const detail = `${server?.tag} runs, ${other.file} pins ${other.tag}: the next apply changes the version`;
      return { verdict: 'WARN', detail, observations: [{ code: 'server.pin-differs' }] };
    }
    const pinned = pins.length === 0 ? '; the repository pins none' : ', as pinned';
    return { verdict: 'PASS', detail: `${[...releases][0]}${pinned}` };
  },
};

function tagOf(image: string): string {
  const [name = '', digest = ''] = image.split('@');
  const tag = /:([^/:]+)$/.exec(name)?.[1];
  return tag ?? (digest === '' ? 'latest' : digest.slice(0, 19));
}

/** `2026.8.0-patch3` is a build of 2026.8.0; the controller takes the upstream image of the same release for outposts. */
function release(tag: string): string {
  return /^v?([0-9]+\.[0-9]+(?:\.[0-9]+)?)/.exec(tag)?.[1] ?? tag;
}
