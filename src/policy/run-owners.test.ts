import { describe, expect, it } from 'vitest';
import { parseCodeOwners } from './code-owners.ts';
import { runOwners } from './run-owners.ts';

const PATHS = { allow: ['**'], deny: [], dependencies: [] };
const OWNED = parseCodeOwners('* @acme/all\n/src/ @acme/core ann@example.com\n/src/pay/ @acme/pay\n/docs/\n');
const FILES = ['README.md', 'src/a.ts', 'src/b.ts', 'src/pay/c.ts', 'docs/x.md'];
const files = async (): Promise<readonly string[]> => FILES;

describe('the owners of a run', () => {
  it('are who the policy names, and then nobody looks at files', async () => {
    const none = (): never => expect.unreachable();
    expect(await runOwners({ owner: '@me', paths: PATHS }, OWNED, none)).toEqual({ names: ['@me'], by: 'policy' });
  });

  it.each([
    [['**'], [], ['@acme/core', 'ann@example.com', '@acme/all', '@acme/pay']],
    [['src/pay/**'], [], ['@acme/pay']],
    [['**'], ['src/**'], ['@acme/all']],
    [['docs/**'], [], null],
    [['nothing/**'], [], null],
  ])('are who owns most of what may change: allow %j, deny %j', async (allow, deny, names) => {
    const owners = await runOwners({ owner: null, paths: { ...PATHS, allow, deny } }, OWNED, files);
    expect(owners).toEqual(names === null ? null : { names, by: 'codeowners' });
  });

  it('are nobody without CODEOWNERS', async () => {
    expect(await runOwners({ owner: null, paths: PATHS }, null, files)).toBeNull();
    expect(await runOwners({ owner: null, paths: PATHS }, parseCodeOwners('# empty'), files)).toBeNull();
  });
});
