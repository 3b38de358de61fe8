import * as z from 'zod';
import { InfraError } from '../../errors.ts';

const change = z.object({
  actions: z.array(z.string()),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  after_unknown: z.unknown().optional(),
  replace_paths: z.array(z.array(z.union([z.string(), z.number()]))).nullish(),
  importing: z.unknown().optional(),
});

const resourceChange = z.object({
  address: z.string(),
  previous_address: z.string().nullish(),
  mode: z.string().nullish(),
  type: z.string(),
  index: z.union([z.string(), z.number()]).nullish(),
  change,
  action_reason: z.string().nullish(),
});

const module = z.object({
  resources: z.array(z.object({ mode: z.string().nullish() })).nullish(),
  get child_modules() {
    return z.array(module).nullish();
  },
});

const values = z.object({ values: z.object({ root_module: module.nullish() }).nullish() });

const document = z.object({
  format_version: z.string().regex(/^1\./),
  resource_changes: z.array(resourceChange).nullish(),
  output_changes: z.record(z.string(), change).nullish(),
  planned_values: z.object({ root_module: module.nullish() }).nullish(),
  prior_state: values.nullish(),
  applyable: z.boolean().nullish(),
  errored: z.boolean().nullish(),
});

/** What is used of `show -json` of a saved plan: format 1.x of the JSON output format of Terraform and OpenTofu. */
export type PlanDocument = z.infer<typeof document>;
export type ResourceChange = z.infer<typeof resourceChange>;
export type PlannedChange = z.infer<typeof change>;
export type PlanModule = z.infer<typeof module>;

/**
 * The part of a plan document that is used. The document holds secrets in clear, so the error names positions only.
 * Errors: `stack.plan-unreadable` (69).
 */
export function parsePlanDocument(value: unknown): PlanDocument {
  const parsed = document.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.slice(0, 3).map((issue) => issue.path.join('.') || 'the document');
  throw new InfraError(
    'stack.plan-unreadable',
    'unavailable',
    `Reading the plan's JSON failed at ${where.join(', ')}: not of format 1.x.`,
    {
      hints: [
        'terragrunt run -- show -json <plan file>, and compare the versions of terragrunt and tofu with infra doctor',
      ],
    },
  );
}
