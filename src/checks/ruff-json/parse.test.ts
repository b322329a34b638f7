import { describe, expect, it } from 'vitest';
import { bytesOf, findingsOf } from '../../../test/fixtures/readings.ts';
import { readRuff } from './parse.ts';

const read = (text: string): readonly string[] => findingsOf(readRuff(bytesOf(text)));

const entry = { code: 'F401', filename: 'a.py', message: 'os is not used', location: { row: 1, column: 8 } };
const debug = '[2026-11-25][19:53:28][ruff::commands::check][DEBUG] ';

describe('Ruff', () => {
  it('reads every entry as an error by its code, unless it says another severity', () => {
    const syntax = { code: null, filename: 'a.py', message: 'SyntaxError: x' };
    expect(read(JSON.stringify([entry, syntax, { ...entry, severity: 'warning' }]))).toEqual([
      'error a.py > F401: a.py:1:8: F401 os is not used',
      'error a.py > SyntaxError: x: a.py: SyntaxError: x SyntaxError: x',
      'warning a.py > F401: a.py:1:8: F401 os is not used',
      'examined unknown',
    ]);
  });

  it('learns what was examined from the line that -v writes before a report, among many others', () => {
    const checking = Array.from({ length: 50 }, (_, at) => `${debug}Checking: /w/${at}.py\n`).join('');
    expect(read(`${checking}${debug}Checked 50 files in: 1.4ms\n[]\n`)).toEqual(['examined 50']);
  });

  it('does not believe such a line inside of a message', () => {
    const message = 'x\n[a][DEBUG] Checked 9 files in: 1ms';
    expect(read(JSON.stringify([{ ...entry, message }]))).toContain('examined unknown');
  });

  it.each(['{}', '[{}]', '[{"filename":"a.py"}]'])('refuses %s', (text) =>
    expect(read(text)).toEqual(['unreadable: is JSON, but not a Ruff report']),
  );
});
