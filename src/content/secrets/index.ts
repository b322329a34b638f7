/** Credentials in added lines. What is said holds the kind, the file and the line, and nothing of the value. */
import type { ContentSighting } from '../../core/content-detectors.ts';
import type { ChangedContent, ContentReader } from '../../ports/content.ts';
import { secretIn } from './shapes.ts';

/** Values there are made up more often than not, and locks are full of checksums: only what has a certain shape counts. */
const LOOSE_ELSEWHERE =
  /(?:^|\/)(?:tests?|__tests__|specs?|fixtures?|testdata|mocks?|__mocks__|examples?|docs?|benchmarks?|e2e)\/|[._-](?:test|spec)s?\.|(?:^|\/)test_|_test\.|\.(?:md|mdx|rst|adoc|txt|lock|snap|sum|ipynb)$|(?:^|\/)(?:package-lock|npm-shrinkwrap|composer)\.(?:json|lock)$|-lock\.(?:json|yaml)$/i;

/** Of one file: a table of them is one finding too many. */
const MAX_IN_FILE = 5;

function seenIn({ path, added, removed }: ChangedContent, gone: ReadonlySet<string>): readonly ContentSighting[] {
  const loose = !LOOSE_ELSEWHERE.test(path);
  const next = new Map(added.map(({ line, text }) => [line - 1, text]));
  const before = removed.map(({ text }) => text);
  const seen = added.flatMap(({ line, text }) => {
    const secret = secretIn(text, next.get(line), loose);
    // What was there already, in this file or another of the change, is no news.
    if (secret === null || gone.has(secret.value) || before.some((old) => old.includes(secret.value))) return [];
    return [{ line, message: `adds what has the shape of ${secret.what}` }];
  });
  return seen
    .slice(0, MAX_IN_FILE)
    .map((one): ContentSighting => ({ detector: 'secret-in-change', path, side: 'added', ...one }));
}

export const readSecrets: ContentReader = ({ files }) => {
  const gone = new Set(
    files.flatMap(({ removed }) => removed.flatMap(({ text }) => secretIn(text, undefined, true)?.value ?? [])),
  );
  return Promise.resolve(files.flatMap((file) => seenIn(file, gone)));
};
