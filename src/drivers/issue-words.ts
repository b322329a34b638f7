import type { z } from 'zod';

/** What is wrong with an option: `model: expected a text`. */
export function issueWords(issue: z.core.$ZodIssue): string {
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`;
}
