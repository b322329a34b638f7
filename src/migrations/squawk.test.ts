import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { addedFile, contentOf } from '../../test/fixtures/content.ts';
import type { FinishedProcess, LaunchSpec, ProcessEnd, Sandbox } from '../ports/sandbox.ts';
import { createNoSandbox } from '../sandboxes/none/index.ts';
import { createMigrationReader } from './reader.ts';
import { askSquawk, findSquawk, readSquawk } from './squawk.ts';
import type { AskedSql } from './squawk.ts';

const said = (...violations: readonly object[]): string => JSON.stringify(violations);

/** As version 2.70.0 printed it, shortened. */
const CHANGING = { file: 'stdin', line: 2, column: 0, level: 'Warning', help: null, column_end: 31, line_end: 2 };
const LOCKS = { ...CHANGING, rule_name: 'changing-column-type', message: 'Changing\n a type' };
const TASTE = { ...CHANGING, rule_name: 'prefer-text-field', message: 'x' };
const BROKEN = { ...CHANGING, level: 'Error', rule_name: 'syntax-error', message: 'expected command, found IDENT' };

const SQL: AskedSql = { text: 'SELECT 1;', transaction: false };
const LIVE = new AbortController().signal;

const places: string[] = [];

function placeWith(script: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'loopwright-squawk-'));
  places.push(directory);
  writeFileSync(join(directory, 'squawk'), script, { mode: 0o755 });
  return directory;
}

afterEach(() => {
  for (const place of places.splice(0)) rmSync(place, { recursive: true });
});

/** A sandbox in which every program ends as said. */
function endingWith(end: ProcessEnd, stdout = ''): { readonly sandbox: Sandbox; readonly asked: LaunchSpec[] } {
  const asked: LaunchSpec[] = [];
  const real = createNoSandbox({ hostEnvironment: process.env });
  const finished: FinishedProcess = {
    end,
    stdout: Buffer.from(stdout),
    stderr: Buffer.from(''),
    stdoutBytes: stdout.length,
    stderrBytes: 0,
    wallTimeMs: 0,
  };
  const launch: Sandbox['launch'] = (spec) => {
    asked.push(spec);
    const ignored = (): void => undefined;
    return {
      onOutput: ignored,
      sawLife: ignored,
      write: ignored,
      endInput: ignored,
      finished: Promise.resolve(finished),
    };
  };
  return { sandbox: { ...real, network: 'own', places: 'mapped', launch }, asked };
}

describe('squawk', () => {
  it('says what it says of locks, with lines from 1, and nothing of taste', () => {
    expect(readSquawk(said(LOCKS, TASTE))).toEqual({
      said: [{ detector: 'migration-locks', line: 3, message: 'squawk says (changing-column-type): Changing a type' }],
      silent: null,
    });
    expect(readSquawk('[]')).toEqual({ said: [], silent: null });
  });

  it.each([
    ['', 'no answer that can be read'],
    ['error: no such option', 'no answer that can be read'],
    ['{}', 'no answer that can be read'],
    ['null', 'no answer that can be read'],
    ['[1, null]', 'no answer that can be read'],
    [said({ ...LOCKS, line: 'x' }), 'no answer that can be read'],
    [said(BROKEN, LOCKS), 'does not understand line 3 (expected command, found IDENT)'],
  ])('is not taken for one that found nothing where it answers %j', (output, words) => {
    const { said: nothing, silent } = readSquawk(output);
    expect([nothing, silent]).toEqual([[], expect.stringContaining(words)]);
  });

  it.each<[ProcessEnd, string]>([
    [{ kind: 'exited', code: 101 }, 'it ended with 101'],
    [{ kind: 'wall-time' }, 'it was ended (wall-time)'],
    [{ kind: 'not-found', detail: '' }, 'can not be started in the sandbox'],
  ])('is not taken for one that found nothing where it ends with %j', async (end, words) => {
    const { sandbox } = endingWith(end, '[]');
    const { silent } = await askSquawk(sandbox, { file: '/x/squawk', isScript: false }, SQL, LIVE);
    expect(silent).toContain(words);
  });

  it('is put where the sandbox has it, reads no settings, and no comment of the file silences it', async () => {
    const { sandbox, asked } = endingWith({ kind: 'exited', code: 0 }, '[]');
    const text = '-- squawk-ignore-file\nSELECT 1;';
    const program = { file: '/home/k/bin/squawk', isScript: false };
    expect(await askSquawk(sandbox, program, { text, transaction: true }, LIVE)).toEqual({ said: [], silent: null });
    const [spec] = asked;
    expect(spec?.argv).toEqual([
      '/run/loopwright/squawk',
      '--reporter',
      'json',
      '--config',
      '/dev/null',
      '--assume-in-transaction',
    ]);
    expect(spec?.mounts).toMatchObject([{ kind: 'read-only', source: '/home/k/bin/squawk' }]);
    expect(String(spec?.stdin)).toBe('-- squawk_ignore-file\nSELECT 1;');
    await askSquawk(sandbox, { file: '/opt/squawk.js', isScript: true }, SQL, LIVE);
    expect(asked[1]).toMatchObject({ argv: ['/opt/squawk.js', '--reporter', 'json', '--config', '/dev/null'] });
    expect(asked[1]?.mounts).toEqual([]);
  });

  it('is found behind links, by what it is, and only where it can be started', () => {
    const script = placeWith('#!/bin/sh\n');
    const binary = placeWith('');
    writeFileSync(join(binary, 'real'), '\u007FELF and more', { mode: 0o755 });
    rmSync(join(binary, 'squawk'));
    expect([findSquawk(undefined), findSquawk(`/nonexistent:${binary}`)]).toEqual([null, null]);
    symlinkSync('real', join(binary, 'squawk'));
    expect(findSquawk(`/nonexistent:${script}:${binary}`)).toEqual({ file: join(script, 'squawk'), isScript: true });
    expect(findSquawk(`${binary}:${script}`)).toEqual({ file: join(binary, 'real'), isScript: false });
    // A directory may be entered, and nothing can be started there.
    const beside = placeWith('');
    mkdirSync(join(beside, 'bin', 'squawk'), { recursive: true });
    expect(findSquawk(join(beside, 'bin'))).toBe(null);
    // A part of the PATH that is relative would be a place of the repository.
    expect(findSquawk('.:bin')).toBe(null);
  });

  it('ends with the run, and is not started after it', async () => {
    const stop = new AbortController();
    const place = placeWith('#!/bin/sh\nexec sleep 600\n');
    const program = findSquawk(place);
    expect(program).not.toBe(null);
    if (program === null) return;
    const sandbox = createNoSandbox({ hostEnvironment: process.env });
    const answer = askSquawk(sandbox, program, SQL, stop.signal);
    stop.abort();
    expect((await answer).silent).toBe('it was ended (cancelled)');
    expect((await askSquawk(sandbox, program, SQL, stop.signal)).silent).toContain('before it was asked');
  });

  it('is heard once a statement, counted from the top of the file, and for PostgreSQL alone', async () => {
    const asked: AskedSql[] = [];
    const read = createMigrationReader((sql) => {
      asked.push(sql);
      const lines = [1, 2, 4].map((line) => ({
        detector: 'migration-locks' as const,
        line,
        message: `of line ${line}`,
      }));
      return Promise.resolve({ said: lines, silent: null });
    });
    const sql = '-- +goose Up\nCREATE INDEX i\nON a (b);\nALTER TABLE a\n  ADD c jsonb;\n';
    const seen = await read(contentOf([addedFile('migrations/1.sql', sql)]));
    const locks = seen.filter(({ detector }) => detector === 'migration-locks');
    expect(locks.map(({ line, message }) => [line, message.slice(0, 9)])).toEqual([
      [2, 'builds an'],
      [5, 'of line 4'],
    ]);
    await read(contentOf([addedFile('migrations/1.sql', '-- +goose Up\nPRAGMA x;\n')]));
    expect(asked.map(({ transaction }) => transaction)).toEqual([true]);
  });

  it('that gives no answer is a finding, since a machine that has it expects one', async () => {
    const read = createMigrationReader(() => Promise.resolve({ said: [], silent: 'it was ended (wall-time)' }));
    const seen = await read(contentOf([addedFile('migrations/1.sql', '-- +goose Up\nALTER TABLE a ADD c jsonb;\n')]));
    expect(seen.map(({ message }) => message)).toContain(
      'is not judged by squawk, which is here: it was ended (wall-time)',
    );
  });
});
