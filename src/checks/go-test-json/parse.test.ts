import { describe, expect, it } from 'vitest';
import { bytesOf, firstMessage, outcomesOf } from '../../../test/fixtures/readings.ts';
import { readGoTest } from './parse.ts';

const read = (text: string): Record<string, string> => outcomesOf(readGoTest(bytesOf(text)));

const lines = (...events: readonly object[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join('');
const of = (Action: string, Test?: string, more: object = {}): object => ({
  Action,
  Package: 'ex.org/a',
  Test,
  ...more,
});

describe('go test', () => {
  it('names tests and subtests by their package', () => {
    const text = lines(of('run', 'TestA'), of('pass', 'TestA/x'), of('pass', 'TestA'), of('skip', 'TestB'), of('pass'));
    expect(read(text)).toEqual({
      'ex.org/a > TestA/x': 'passed',
      'ex.org/a > TestA': 'passed',
      'ex.org/a > TestB': 'skipped',
    });
  });

  it('shows what a failing test wrote, without what the runner says of itself', () => {
    const output = (Output: string): object => of('output', 'TestA', { Output });
    const text = lines(
      output('=== RUN   TestA\n'),
      output('    a_test.go:3: 1 is not 2\n'),
      of('fail', 'TestA'),
      of('fail'),
    );
    expect(firstMessage(readGoTest(bytesOf(text)))).toBe('    a_test.go:3: 1 is not 2');
  });

  it('takes a test that never ends for failed', () => {
    expect(read(lines(of('run', 'TestA'), of('fail')))).toEqual({ 'ex.org/a > TestA': 'failed' });
  });

  it('takes a package that does not build for failed, with the words of the compiler', () => {
    const build = { Action: 'build-output', ImportPath: 'ex.org/a [x]', Output: 'a.go:3: undefined: nope\n' };
    const text = lines(build, of('start'), of('fail', undefined, { FailedBuild: 'ex.org/a [x]' }));
    expect(read(text)).toEqual({ 'ex.org/a': 'failed' });
    expect(firstMessage(readGoTest(bytesOf(text)))).toBe('a.go:3: undefined: nope');
  });

  it('counts no package without tests', () => {
    expect(read(lines(of('start'), of('skip')))).toEqual({});
  });

  it('doubts a package that never ends, and a line that is cut', () => {
    expect(read(lines(of('pass', 'TestA')))['doubt']).toBe('the package ex.org/a never ends in it');
    expect(read(`${lines(of('pass', 'TestA'), of('pass'))}{"Action":"fail","Pack`)['doubt']).toContain('cut or broken');
  });

  it('passes by what is no event, and refuses a text without any', () => {
    expect(read(`# ex.org/a\n${lines(of('pass', 'TestA'), of('pass'))}`)).toEqual({ 'ex.org/a > TestA': 'passed' });
    expect(read('ok  ex.org/a 0.1s\n{"a":1}\n')).toEqual({ unreadable: 'holds no event of go test' });
  });
});
