/**
 * Tampering: what a change does to the proof instead of to the program. Each rule compares the two sides of the change; what
 * was there before is nobody's doing. docs/detectors.md says what is seen and what is not.
 */
import type { ContentSighting } from '../../core/content-detectors.ts';
import type { ContentReader } from '../../ports/content.ts';
import { askings } from './asking.ts';
import { knownCases } from './known-cases.ts';
import { loosenedChecks } from './loosened.ts';
import { subjectMocks } from './mocked.ts';
import { createParse } from './parser.ts';
import { patches } from './patched.ts';
import type { ReadChange, Rule } from './reading.ts';
import { readFiles, sightingIn } from './reading.ts';
import { silencers } from './silenced.ts';
import { specialCases } from './special-cased.ts';
import { stubs } from './stubbed.ts';
import { swallowedErrors } from './swallowed.ts';
import { weakenedTests } from './weakened.ts';

function unread({ files }: ReadChange): readonly ContentSighting[] {
  const message = 'was too long or too deep for its grammar: only its lines were looked at';
  return files
    .filter((file) => file.unread)
    .map(({ path }) => sightingIn('syntax-unread', path, { side: 'added', line: null }, message));
}

const RULES: readonly Rule[] = [
  weakenedTests,
  loosenedChecks,
  silencers,
  patches,
  subjectMocks,
  askings,
  specialCases,
  knownCases,
  stubs,
  swallowedErrors,
  unread,
];

export function createTamperingReader(): ContentReader {
  const parse = createParse();
  return async ({ files, head }) => {
    const change: ReadChange = { files: await readFiles(parse, files), head };
    const seen: ContentSighting[] = [];
    for (const rule of RULES) seen.push(...(await rule(change)));
    return seen;
  };
}
