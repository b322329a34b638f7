import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addedFile, contentOf } from '../../test/fixtures/content.ts';
import { createMigrationReader } from './reader.ts';
import { hasSquawk, readSquawk } from './squawk.ts';

const said = (...violations: readonly object[]): string => JSON.stringify(violations);

describe('squawk', () => {
  it('says what it says of locks, with lines from 1, and nothing of taste', () => {
    const output = said(
      { file: 'a.sql', line: 2, level: 'Warning', rule_name: 'changing-column-type', message: 'Changing\n a type' },
      { file: 'a.sql', line: 3, level: 'Warning', rule_name: 'prefer-text-field', message: 'x' },
      { file: 'a.sql', line: 'x', rule_name: 'changing-column-type', message: 'x' },
    );
    expect(readSquawk(output)).toEqual([
      { detector: 'migration-locks', line: 3, message: 'squawk says (changing-column-type): Changing a type' },
    ]);
  });

  it.each(['', 'error: no such option', '{}', 'null', '[1, null]'])('adds nothing where it answers %j', (output) =>
    expect(readSquawk(output)).toEqual([]),
  );

  it('is asked only where it is there and can be started', () => {
    const directory = mkdtempSync(join(tmpdir(), 'loopwright-squawk-'));
    const path = `/nonexistent:${directory}`;
    expect([hasSquawk(undefined), hasSquawk(path)]).toEqual([false, false]);
    writeFileSync(join(directory, 'squawk'), '#!/bin/sh\n', { mode: 0o755 });
    expect(hasSquawk(path)).toBe(true);
    rmSync(directory, { recursive: true });
  });

  it('is heard once a line, counted from the top of the file, and for PostgreSQL alone', async () => {
    const asked: string[] = [];
    const read = createMigrationReader((sql) => {
      asked.push(sql);
      const lines = [1, 2].map((line) => ({ detector: 'migration-locks' as const, line, message: `of line ${line}` }));
      return Promise.resolve(lines);
    });
    const sql = '-- +goose Up\nCREATE INDEX i ON a (b);\nALTER TABLE a ADD c jsonb;\n';
    const seen = await read(contentOf([addedFile('migrations/1.sql', sql)]));
    const locks = seen.filter(({ detector }) => detector === 'migration-locks');
    expect(locks.map(({ line, message }) => [line, message.slice(0, 9)])).toEqual([
      [2, 'builds an'],
      [3, 'of line 2'],
    ]);
    await read(contentOf([addedFile('migrations/1.sql', '-- +goose Up\nPRAGMA x;\n')]));
    expect(asked).toHaveLength(1);
  });
});
