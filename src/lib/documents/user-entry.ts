import * as z from 'zod';

/** One entry of `k8s_users` as far as it can be read. Keys that no stack reads are not printed. */
export const storedUserDocument = z.object({
  name: z.string(),
  readable: z.boolean().describe('False when the stacks cannot read the entry either.'),
  role: z.string().optional(),
  email: z.string().optional(),
  namespaces: z.array(z.string()),
  domains: z.array(z.string()),
  quota: z.record(z.string(), z.string()).describe('What the entry gives; the stacks fill in the rest.'),
  problems: z.array(z.string()),
});
