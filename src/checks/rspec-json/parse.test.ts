import { describe, expect, it } from 'vitest';
import { bytesOf, firstMessage, outcomesOf } from '../../../test/fixtures/readings.ts';
import { readRspec } from './parse.ts';

const read = (text: string): Record<string, string> => outcomesOf(readRspec(bytesOf(text), 'file'));

function report(examples: readonly object[], summary: object = {}, more: object = {}): string {
  return JSON.stringify({ examples, summary, ...more });
}

const example = (status: string, more: object = {}): object => {
  return { full_description: `is ${status}`, status, file_path: './spec/a_spec.rb', ...more };
};

describe('RSpec', () => {
  it('names an example by its file and full description', () => {
    expect(read(report(['passed', 'failed', 'pending'].map((status) => example(status))))).toEqual({
      './spec/a_spec.rb > is passed': 'passed',
      './spec/a_spec.rb > is failed': 'failed',
      './spec/a_spec.rb > is pending': 'skipped',
    });
  });

  it('counts errors outside of examples as failed, with what RSpec says of them', () => {
    const text = report([], { errors_outside_of_examples_count: 1 }, { messages: ['cannot load such file'] });
    expect(read(text)).toEqual({ 'outside of examples': 'failed' });
    expect(firstMessage(readRspec(bytesOf(text), 'file'))).toBe('cannot load such file');
  });

  it('doubts counts above what it shows', () => {
    expect(read(report([example('passed')], { example_count: 3 }))['doubt']).toBe(
      'the report declares 3 tests and shows 1',
    );
  });

  it.each(['{}', '{"summary":{},"examples":{}}', '{"summary":{},"examples":[{"status":"great"}]}'])(
    'refuses %s',
    (text) => expect(read(text)).toEqual({ unreadable: 'is JSON, but not an RSpec report' }),
  );
});
