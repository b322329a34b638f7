import { describe, expect, it } from 'vitest';
import { judgeTrial } from './trial.ts';

const ran = { counted: 1, failed: 1, exitCode: 1, summary: 'exit code 1', wallTimeMs: 2_000 };
const red = { ...ran, conclusion: 'failure' as const };

describe('a check that was tried', () => {
  it('runs when it is green or red', () => {
    expect(judgeTrial({ ...ran, conclusion: 'success', summary: '3 tests passed' }, '', 'x', true)).toEqual({
      runs: true,
      failed: 0,
      words: 'Green on the base in 2.0 s: 3 tests passed',
    });
    expect(judgeTrial(red, 'src/a.ts: 3 problems', 'x', false)).toMatchObject({ runs: true });
    // One test of many that wants the network is a red test.
    expect(judgeTrial(red, 'getaddrinfo EAI_AGAIN example.org', 'x', true)).toMatchObject({ runs: true });
  });

  it.each([
    ['sh: 1: pnpm: not found', 'pnpm is not there inside the sandbox'],
    ['bash: line 1: just: command not found', 'just is not there inside the sandbox'],
    ['/usr/bin/python3: No module named pytest', 'the Python module pytest is not there'],
    ['npm error npx canceled due to missing packages and no YES option: ["jest@29"]', 'jest@29 is not in node_modules'],
    ["Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'vite' imported from x", 'the package vite is not there'],
    ['make: bundle: No such file or directory\nmake: *** [Makefile:8: lint] Error 127', 'bundle is not there'],
    ['error: no such command: `clippy`', 'clippy is not installed'],
    ['error: failed to get `rand`\nCould not resolve host: index.example', 'it needs the network'],
    ['as --offline was specified', 'it needs the network'],
    ['go: no required module provides; dial tcp: lookup proxy: no such host', 'it needs the network'],
    ['missing go.sum entry for module', 'its modules are not on this machine'],
  ])('does not run where it says: %s', (output, words) => {
    for (const exitCode of [1, 2, 101, 127]) {
      const tried = judgeTrial({ ...red, exitCode }, `some words\n${output}\n`, 'x', false);
      expect(tried.runs).toBe(false);
      expect(tried.words).toContain(words);
    }
  });

  it('says how a known program is let to where it fetches from', () => {
    const { words } = judgeTrial(
      { ...red, exitCode: 101 },
      'as --offline was specified',
      'cargo test --offline',
      false,
    );
    expect(words).toContain('`network: { allow: [crates] }`');
  });

  it('says that a program of node_modules is missing where npx looked for it elsewhere', () => {
    const { words } = judgeTrial(red, 'npm error code ENOTFOUND', 'npx --no-install eslint .', false);
    expect(words).toBe('eslint is not in node_modules; install the dependencies');
  });

  it('does not run where it never ends, starts nothing or counts nothing', () => {
    expect(judgeTrial({ ...ran, conclusion: 'timed_out' }, '', 'x', false).words).toContain('did not end within 2.0 s');
    for (const conclusion of ['unrunnable', 'inconclusive'] as const)
      expect(judgeTrial({ ...ran, conclusion }, '', 'x', true)).toMatchObject({ runs: false, words: 'exit code 1' });
    expect(judgeTrial({ ...red, exitCode: 127 }, '', 'x', false).runs).toBe(false);
  });
});
