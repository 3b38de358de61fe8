import type { Site } from '../site/site.ts';

/** What a judgement about mail needs of a site: it can be kept beside the evidence, and read again elsewhere. */
export type MailSite = Pick<Site, 'mail' | 'edge'>;
