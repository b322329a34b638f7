import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../../test/fixtures/readings.ts';
import { readLcov } from './parse.ts';

const RECORD = 'TN:\nSF:src/a.js\nFN:1,f\nDA:1,2\nDA:2,0\nBRDA:1,0,0,1\nLF:2\nLH:1\nend_of_record\n';

function read(text: string): unknown {
  const reading = readLcov(bytesOf(text), 'file');
  return reading.kind === 'unreadable' ? reading.problem : [reading.value, reading.counted];
}

describe('LCOV', () => {
  it('counts lines, and none of functions and branches', () => {
    expect(read(RECORD)).toEqual([50, 2]);
  });

  it('takes a line for covered where any record of its file says so', () => {
    expect(read(`${RECORD}SF:src/a.js\nDA:2,1\nend_of_record\n`)).toEqual([100, 2]);
  });

  it('never takes the beginning of a record for all of it', () => {
    for (let length = 0; length < RECORD.trimEnd().length; length += 1) {
      expect(typeof read(RECORD.slice(0, length)), `the first ${length}`).toBe('string');
    }
  });

  it('refuses what names no line', () => {
    expect(read('SF:a.js\nend_of_record\n')).toBe('names no line that could be covered');
    expect(read('SF:a.js\nDA:one,1\nend_of_record\n')).toBe('has a line number that is none');
  });
});
