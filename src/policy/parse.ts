/** Reads the text of a policy file. Loads YAML and schema libraries; what need not parse should not import this. */
import { LoopwrightError } from '../core/errors.ts';
import { consistencyProblems } from './consistency.ts';
import type { PolicyContent, PolicyFile } from './content.ts';
import { policySchema } from './schema.ts';
import { MAX_POLICY_BYTES, unreadable } from './policy-bytes.ts';
import { readStrictly, type FileRules } from './strict-file.ts';

const RULES: FileRules<PolicyContent> = {
  words: {
    kind: 'a policy',
    secretRule: 'a policy is committed and recorded, so it never holds one; remove it and revoke it',
    mergeAdvice: 'write the values out, or use `extends` of a class',
    quotes: true,
  },
  schema: policySchema,
  consistency: consistencyProblems,
};

/**
 * Reads a policy. Pure. Throws `LW_POLICY_INVALID` with every error as `FILE:LINE:COL message`, or
 * `LW_POLICY_UNREADABLE` when it is too long or not text.
 */
export function parsePolicy(text: string, fileName: string): PolicyFile {
  if (text.length > MAX_POLICY_BYTES) throw unreadable(fileName, `is larger than ${MAX_POLICY_BYTES / 1024} KiB`);
  if (text.includes('\0')) throw unreadable(fileName, 'holds a zero byte, so it is not text');
  const reading = readStrictly(text, fileName, RULES);
  if (reading.ok) return { fileName, content: reading.content, lines: reading.lines, written: reading.written };
  throw new LoopwrightError('LW_POLICY_INVALID', {
    message: reading.message,
    next: `Correct ${fileName}, then run \`loopwright policy check${/(?:^|\/)loopwright\.yaml$/.test(fileName) ? '' : ` ${fileName}`}\`. Every key is described in docs/reference/policy.md.`,
    details: { fileName, errors: reading.errors },
  });
}
