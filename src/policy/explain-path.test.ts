import { describe, expect, it } from 'vitest';
import { parseCodeOwners } from './code-owners.ts';
import { explainPath, type ExplainedPath } from './explain-path.ts';
import { parsePolicy } from './parse.ts';
import { resolveWithOrigins } from './resolve.ts';

const TEXT = [
  'version: 1',
  'checks: { t: npm test }',
  'paths: { deny: [generated/**] }',
  'risk:',
  '  - { name: auth, owners: ["@acme/security"], approvals: 2, from: [ann, bob] }',
  '  - { name: prompts, paths: [prompts/**], reason: They steer. }',
].join('\n');

function explained(path: string, className = 'fix'): ExplainedPath {
  const codeOwners = parseCodeOwners('* @acme/all\n!bad\n/vault/ @acme/security', '.github/CODEOWNERS');
  const file = parsePolicy(TEXT, 'loopwright.yaml');
  const resolved = resolveWithOrigins({ file, className, flags: { agent: 'command' }, codeOwners });
  return explainPath({ path, codeOwners, ...resolved });
}

describe('explaining a path', () => {
  it('names the zone, the glob and the line that decide', () => {
    expect(explained('prompts/a.md')).toMatchObject({
      decision: 'hold',
      zones: [{ name: 'prompts', by: 'prompts/**', origin: 'loopwright.yaml:6', approvals: 1, from: null }],
      owners: ['@acme/all'],
    });
    expect(explained('db/migrate/1.rb').zones).toMatchObject([{ name: 'migrations', origin: 'default' }]);
  });

  it('names the line of CODEOWNERS for a zone by owner, and the lines that cannot be read', () => {
    const { zones, owners, problems } = explained('vault/key.ts');
    expect(zones).toMatchObject([{ name: 'auth', by: '/vault/', origin: '.github/CODEOWNERS:3', approvals: 2 }]);
    expect(owners).toEqual(['@acme/security']);
    expect(problems).toEqual([expect.stringMatching(/^\.github\/CODEOWNERS:2 `!` is not allowed/)]);
  });

  it('says what is out of scope, what is protected, and what is neither', () => {
    expect(explained('generated/x.ts')).toMatchObject({ decision: 'refuse', why: '`paths.deny` has generated/**' });
    expect(explained('src/a.ts', 'docs')).toMatchObject({ decision: 'refuse' });
    expect(explained('src/a.test.ts')).toMatchObject({ decision: 'accept', protectedBy: '**/*.test.*' });
    expect(explained('src/a.ts')).toMatchObject({ decision: 'accept', zones: [], protectedBy: null });
    expect(explained('src/a.test.ts').protectedEdit).toBe('hold');
  });

  it('takes a path however it is written, and none that no change can touch', () => {
    for (const path of ['./generated/x.ts', 'src/../generated//x.ts'])
      expect(explained(path)).toMatchObject({ path: 'generated/x.ts', decision: 'refuse' });
    for (const path of ['/etc/passwd', '../x', 'src/../../x', '~/x', '.', ''])
      expect(() => explained(path)).toThrow('is no path in the repository');
  });
});
