import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlobs, readPath } from './globs.ts';
import { SECRET_FILES, SECRET_HINT } from './guarded-files.ts';
import { treeGuard } from './tree-guard.ts';
import type { TreeGuard } from '../ports/workspace.ts';

function guardBy(paths: {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  readonly unmask?: readonly string[];
}): TreeGuard {
  const { allow = ['**'], deny = [], unmask = [] } = paths;
  return treeGuard({ checks: [], paths: { allow, deny, unmask, dependencies: [] } });
}

describe('files that hold secrets', () => {
  const guard = guardBy({});

  it.each([
    '.env',
    'packages/a/.env',
    '.env.local',
    '.env.production',
    '.ENV',
    '.npmrc',
    'a/.netrc',
    '.pypirc',
    '.git-credentials',
    '.aws/credentials',
    '.kube/config',
    '.docker/config.json',
    'service-account.json',
    'client_secret_1.json',
    'id_rsa',
    'deploy/id_ed25519',
    'server.key',
    'tls-key.pem',
    'privkey.pem',
    'store.jks',
    'config/master.key',
    '.codex/auth.json',
    '.claude/.credentials.json',
    '.config/gh/hosts.yml',
    '.terraformrc',
  ])('%s is hidden', (path) => {
    expect(guard.hides(path)).toBe(true);
  });

  it.each([
    '.env.example',
    '.env.sample',
    'a/.env.template',
    '.env.local.example',
    'README.md',
    '.envrc',
    'env',
    'src/env.ts',
    'id_rsa.pub',
    'cacert.pem',
    'cert.pem',
    'test/fixtures/server.key',
    'tests/tls/server-key.pem',
    'src/key.ts',
    'config',
    'package.json',
    '.github/workflows/ci.yml',
    'keys.md',
  ])('%s is not', (path) => {
    expect(guard.hides(path)).toBe(false);
  });

  it('all have what the quick look looks for', () => {
    const expanded = SECRET_FILES.map((glob) => glob.replaceAll('**/', '').replaceAll('/**', '/x').replaceAll('*', ''));
    const names = expanded.flatMap((glob) => {
      const [, head = '', choices, tail = ''] = /^([^{]*)\{(.*)\}(.*)$/.exec(glob) ?? [];
      return choices === undefined ? [glob] : choices.split(',').map((choice) => `${head}${choice}${tail}`);
    });
    expect(names.length).toBeGreaterThan(70);
    expect(names.filter((name) => !SECRET_HINT.test(name.toLowerCase()))).toEqual([]);
  });

  it('is shown again by `paths.unmask`, and only that', () => {
    const shown = guardBy({ unmask: ['.env.development', 'certs/**'] });
    expect(['.env.development', 'certs/a.key', '.env', 'a/.env.development'].map((path) => shown.hides(path))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});

describe('what the agent may not write to', () => {
  it('is what the paths of the policy leave out, by directory where that is certain', () => {
    const guard = guardBy({ allow: ['src/**', 'docs/*.md', 'README.md'], deny: ['src/generated/**'] });
    const may = (directory: string): boolean => guard.mayChangeBelow(directory);
    expect(['src', 'src/deep', 'docs', 'README.md'].map(may)).toEqual([true, true, true, true]);
    expect(['test', 'srcs', 'src/generated', 'src/generated/deep', '.github'].map(may)).toEqual(Array(5).fill(false));
    expect(guard.mayChange('docs/a.txt')).toBe(false);
  });

  it('cannot be said of a directory where a glob begins with a wildcard', () => {
    expect(guardBy({ allow: ['**/*.md'] }).mayChangeBelow('src')).toBe(true);
    expect(guardBy({ allow: ['**/*.md'] }).mayChange('src/a.ts')).toBe(false);
  });

  it('is what a denial of everything leaves out but for exceptions', () => {
    const guard = guardBy({ allow: ['**'], deny: ['**', '!packages/a/**'] });
    expect(['packages', 'packages/a', 'packages/b', 'docs'].map((name) => guard.mayChangeBelow(name))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it.each([
    '.vscode/tasks.json',
    'packages/a/.claude/settings.json',
    '.husky/pre-commit',
    '.mcp.json',
    '.envrc',
    '.VSCode/x',
  ])('%s is part of it, unless the paths name it themselves', (path) => {
    expect(guardBy({}).mayChange(path)).toBe(false);
    expect(guardBy({ allow: ['**/*', '.*/**'] }).mayChange(path)).toBe(false);
    expect(guardBy({ allow: [path] }).mayChange(path)).toBe(!path.includes('.VSCode'));
  });

  it('is a directory of such a name with all that is in it, unless the paths name it', () => {
    expect(guardBy({}).mayChangeBelow('.vscode')).toBe(false);
    expect(guardBy({ allow: ['.vscode/**'] }).mayChangeBelow('.vscode')).toBe(true);
    expect(guardBy({ allow: ['src/**', '.claude/agents/**'] }).mayChangeBelow('.claude/hooks')).toBe(false);
    expect(guardBy({}).mayChangeBelow('vscode')).toBe(true);
  });

  it('never is a directory with something in it that the policy lets change', () => {
    const part = fc.constantFrom('a', 'b', 'c', '*', '**', 'a*', '{a,b}', '.husky');
    const glob = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    const name = fc.array(fc.constantFrom('a', 'b', 'c', 'ab', '.husky'), { minLength: 2, maxLength: 5 });
    const deny = fc.array(
      fc.tuple(fc.boolean(), glob).map(([except, text]) => (except ? `!${text}` : text)),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(fc.array(glob, { minLength: 1, maxLength: 3 }), deny, name, (allow, denied, segments) => {
        const guard = guardBy({ allow, deny: denied });
        const path = segments.join('/');
        const inScope = compileGlobs(allow, 'exact')(readPath(path)) && !compileGlobs(denied, 'folded')(readPath(path));
        if (!guard.mayChange(path)) return;
        expect(inScope).toBe(true);
        for (let depth = 1; depth < segments.length; depth += 1)
          expect(guard.mayChangeBelow(segments.slice(0, depth).join('/'))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('files of held-back checks', () => {
  const check = { id: 'proof', run: 'x', report: 'tap', reportFile: null, timeoutMs: 1 } as const;
  const paths = { allow: ['**'], deny: [], dependencies: [] };
  const guard = treeGuard({ checks: [{ ...check, hidden: ['held/**'] }], paths });

  it.each(['held/a.test.js', 'HELD/a.test.js'])('hide %s from the agent and from other checks', (path) => {
    expect([guard.hides(path), guard.holdsBack?.(path)]).toEqual([true, true]);
  });

  it('hide the policy, which names them, from the agent alone', () => {
    expect([guard.hides('loopwright.yaml'), guard.holdsBack?.('loopwright.yaml')]).toEqual([true, false]);
    expect(treeGuard({ checks: [check], paths }).hides('loopwright.yaml')).toBe(false);
  });

  it('leave the rest as it is', () => {
    expect([guard.hides('src/a.js'), guard.holdsBack?.('.env')]).toEqual([false, false]);
  });
});
