import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../../test/fixtures/readings.ts';
import { readCobertura } from './parse.ts';

const LINES = '<lines><line number="1" hits="3"/><line number="2" hits="0" branch="true"/></lines>';
const REPORT = `<?xml version="1.0"?><!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage line-rate="0.5"><packages><package name="a"><classes>
<class name="A" filename="src\\a.py"><methods><method name="f">${LINES}</method></methods>${LINES}</class>
</classes></package></packages></coverage>`;

describe('Cobertura', () => {
  it('counts every line of a class once', () => {
    const reading = readCobertura(bytesOf(REPORT), 'file');
    expect(reading).toMatchObject({ kind: 'measure', value: 50, counted: 2 });
    expect(reading.kind === 'measure' && [...(reading.lines?.keys() ?? [])]).toEqual(['src/a.py']);
  });

  it.each([
    ['another root', '<testsuites/>'],
    ['half of it', REPORT.slice(0, -20)],
    ['no line', '<coverage/>'],
  ])('refuses %s', (_what, text) => {
    expect(readCobertura(bytesOf(text), 'file').kind).toBe('unreadable');
  });
});
