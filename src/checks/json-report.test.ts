import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../test/fixtures/readings.ts';
import { readJson } from './json-report.ts';
import type { ReportOrigin } from './reading.ts';

function read(text: string, origin: ReportOrigin): unknown {
  return readJson(bytesOf(text), origin, { label: 'a list', read: (value) => (Array.isArray(value) ? value : null) });
}

describe('JSON on standard output', () => {
  it.each([
    ['a banner before it', '\n> a@1.0.0 lint\n> eslint -f json\n\n[1, 2]\n'],
    ['words behind it', '[1, 2]\nDone in 3s.\n'],
    ['lines that begin with a bracket', '[DEBUG] reading\n[12:30] {x}\n[\n1, 2]\n'],
    ['an object that is no JSON before it', '{ level: info }\n[1, 2]\n'],
  ])('is found with %s', (_, text) => {
    const found = text.replace('[1, 2]', '[[1], [2]]').replace('[\n1, 2]', '[[1], [2]]');
    expect(read(found, 'stream')).toEqual([[1], [2]]);
  });

  it('is not looked for in a file', () => {
    expect(read('words\n[[1]]\n', 'file')).toMatchObject({ kind: 'unreadable' });
  });

  it('is not taken from inside of a report that was cut', () => {
    expect(read('{\n  "results": [\n    [1]\n  ],\n', 'stream')).toMatchObject({ kind: 'unreadable' });
  });

  it('says what is wrong in a sentence', () => {
    expect(read('', 'file')).toEqual({ kind: 'unreadable', problem: 'is empty' });
    expect(read('{}', 'file')).toEqual({ kind: 'unreadable', problem: 'is JSON, but not a list' });
    expect(read('[1', 'file')).toMatchObject({ problem: expect.stringMatching(/^is not JSON or is incomplete \(/) });
  });
});
