/** What checks and statuses say together. */
import type { ChecksState, ForgeChecks } from '../ports/forge.ts';

/** Red before pending before green: one red check is an answer, whatever the others will say. */
export function together(items: ForgeChecks['items']): ForgeChecks {
  const states = new Set<ChecksState>(items.map(({ state }) => state));
  const state = (['red', 'pending', 'green'] as const).find((one) => states.has(one)) ?? 'none';
  return { state, items };
}

/** The newest of each name: `entries` come newest first. */
export function newestByName(entries: ForgeChecks['items']): ForgeChecks['items'] {
  const seen = new Map<string, ForgeChecks['items'][number]>();
  for (const entry of entries) if (!seen.has(entry.name)) seen.set(entry.name, entry);
  return [...seen.values()];
}

/** What both forges take as the words of a status: GitHub 140 characters, GitLab 255. */
export const STATUS_CHARACTERS = 140;
