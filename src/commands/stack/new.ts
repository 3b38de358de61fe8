import { join } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { InfraCommand } from '../../lib/cli/command.ts';
import { dryRunFlag } from '../../lib/cli/flags.ts';
import type { Outcome } from '../../lib/cli/report.ts';
import { runNew } from '../../lib/cli/stack-new.ts';
import type { PayloadOf } from '../../lib/documents/envelope.ts';
import { stackNew } from '../../lib/documents/stack-new.ts';
import { statusOfFindings } from '../../lib/findings/finding.ts';
import { stackNewText } from '../../lib/render/stack-new.ts';
import { AUTHS } from '../../lib/stacks/scaffold/request.ts';

/** Writes one folder of the repository, whole or not at all; reads Vault. Exits 0, 3, 4, 64, 65, 78. */
export default class StackNew extends InfraCommand<typeof stackNew> {
  static override summary = 'Write a new stack that passes the guards and tofu validate.';
  static override examples = [
    '<%= config.bin %> stack new blog --image ghcr.io/example/blog:1.4.2 --port 8080 --host blog',
    '<%= config.bin %> stack new feed --image ghcr.io/example/feed:2.0 --secret --storage 5Gi --dry-run',
  ];
  static override args = {
    name: Args.string({ description: 'Name of stack and namespace.', required: true, ignoreStdin: true }),
  };
  static override flags = {
    image: Flags.string({ description: 'Image with a tag or digest.', helpValue: 'IMAGE' }),
    port: Flags.integer({ description: 'Port that the container listens on.', helpValue: 'PORT' }),
    host: Flags.string({ description: 'Host name, or its label below the platform’s domain.', helpValue: 'HOST' }),
    auth: Flags.option({ description: 'Who may visit the host; default required.', options: AUTHS })(),
    why: Flags.string({ description: 'Why --auth app or none may be, one line.', helpValue: 'TEXT' }),
    description: Flags.string({ description: 'For the home page; default the name.', helpValue: 'TEXT' }),
    secret: Flags.boolean({ description: 'The keys of its secret in Vault, in the environment.', default: false }),
    storage: Flags.string({ description: 'A volume at /data of this size.', helpValue: '5Gi' }),
    'storage-class': Flags.string({ description: 'Storage class of the volume.', helpValue: 'NAME' }),
    'dry-run': dryRunFlag,
    validate: Flags.boolean({ description: 'Run tofu init and validate.', default: true, allowNo: true }),
  };

  protected override readonly document = stackNew;

  protected override async execute(): Promise<Outcome<PayloadOf<typeof stackNew>>> {
    const { args, flags } = await this.parse(StackNew);
    const run = {
      context: this.context(),
      templates: join(this.config.root, 'templates', 'stack'),
      signal: this.signal,
      dryRun: flags['dry-run'] === true,
      validate: flags.validate,
    };
    const made = await this.hold(() =>
      runNew(run, { ...flags, name: args.name, storageClass: flags['storage-class'] }),
    );
    return {
      status: statusOfFindings(made.findings),
      payload: {
        name: args.name,
        folder: made.folder,
        dryRun: made.dryRun,
        files: made.composition.files.map((file) => ({ ...file })),
        links: made.composition.links.map((link) => ({ ...link })),
        dependencies: [...made.composition.dependencies],
        findings: [...made.findings],
        firstApply: [...made.composition.firstApply],
        next: [...made.next],
      },
      text: (style) => stackNewText(style, made),
    };
  }
}
