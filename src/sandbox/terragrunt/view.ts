import type { Change } from './plan.ts';

/** What a run tells: as JSON lines, or as text for a person. */
export type View = {
  readonly version: () => void;
  readonly refreshed: (address: string, id: string) => void;
  readonly planned: (changes: readonly Change[]) => void;
  readonly planSummary: (changes: readonly Change[], planFile: string | undefined) => void;
  readonly applyStart: (change: Change, action: ApplyAction) => void;
  readonly applyDone: (change: Change, action: ApplyAction, id: string, seconds: number) => void;
  readonly applyErrored: (change: Change, action: ApplyAction, seconds: number) => void;
  readonly applySummary: (counts: Counts) => void;
  readonly log: (message: string) => void;
  readonly lockWait: () => void;
  readonly diagnostic: (diagnostic: {
    readonly summary: string;
    readonly detail: string;
    readonly address: string | undefined;
  }) => void;
};

/** What apply does to one resource at a time; a replacement is two of them. */
export type ApplyAction = 'create' | 'update' | 'delete' | 'forget';

/** Resources done by an apply. */
export type Counts = {
  readonly add: number;
  readonly change: number;
  readonly remove: number;
  readonly forget: number;
};

/** Where text goes. */
export type Output = { readonly out: (text: string) => void; readonly err: (text: string) => void };
