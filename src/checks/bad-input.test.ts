/** What reports look like when tools, shells and attackers have been at them. Every format, no exception. */
import { describe, expect, it } from 'vitest';
import { REPORTS } from '../../test/fixtures/check-reports.ts';
import type { Interpretation, ReportFormat } from '../core/check.ts';
import { MEASURE_REPORT_FORMATS, REPORT_FORMATS } from '../core/check.ts';
import { MAX_REPORT_BYTES } from './interpret-report.ts';
import { loadCheckFormat } from './registry.ts';

const XML: ReadonlySet<ReportFormat> = new Set(['junit', 'trx', 'nunit', 'xunit', 'checkstyle']);

const subjects = REPORT_FORMATS.flatMap((id) => {
  const { greenReport: green, redReport: red } = REPORTS[id];
  return green === null || red === null ? [] : [{ id, green, red }];
});

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

async function interpret(id: ReportFormat, bytes: Uint8Array): Promise<Interpretation> {
  const format = await loadCheckFormat(id);
  return format.interpret({
    spec: { id: 'x', run: 'x', report: id, reportFile: 'report', timeoutMs: 60_000 },
    end: { kind: 'exited', code: 0 },
    stdout: new Uint8Array(),
    stderr: new Uint8Array(),
    stdoutTruncated: false,
    artefacts: [{ path: 'report', bytes, truncated: false }],
  });
}

function utf16(text: string, order: 'le' | 'be'): Uint8Array {
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
}

describe.each(subjects)('$id', ({ id, green, red }) => {
  it('reads a byte-order mark, UTF-16 and Windows line ends like the plain report', async () => {
    const spellings = [
      encode(`\uFEFF${green}`),
      utf16(green, 'le'),
      utf16(green, 'be'),
      encode(green.replaceAll('\n', '\r\n')),
    ];
    const plain = await interpret(id, encode(green));
    expect(plain.conclusion).toBe('success');
    for (const bytes of spellings) expect(await interpret(id, bytes)).toEqual(plain);
  });

  it('stays red when a byte of the text is no UTF-8', async () => {
    const bytes = Buffer.from(red, 'latin1');
    const at = bytes.indexOf(
      /is not|is not used|unreachable|gets|long|bad|no page|by zero|Incompatible/.exec(red)?.[0] ?? '',
    );
    bytes[Math.max(at, 0)] = 0xe9;
    expect((await interpret(id, bytes)).conclusion).not.toBe('success');
  });

  it('is never a pass for half of a red report, wherever it is cut', async () => {
    for (let length = 0; length < red.length; length += 1) {
      const { conclusion } = await interpret(id, encode(red.slice(0, length)));
      expect(conclusion, `the first ${length} of ${red.length}`).not.toBe('success');
    }
  });

  it.each([
    ['nothing but white space', ' \n\t\n'],
    ['zero bytes', '\u0000'.repeat(4_096)],
    ['an error page', '<!DOCTYPE html><html><body>502 Bad Gateway</body></html>'],
    ['null', 'null'],
    ['a number', '1e999'],
    ['brackets without end', '['.repeat(100_000)],
    ['nested brackets', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['nested objects', `${'{"suites":['.repeat(20_000)}${']}'.repeat(20_000)}`],
    ['elements without end', '<a>'.repeat(100_000)],
    ['a prototype for a report', '{"__proto__":{"stats":{}},"results":[],"constructor":1}'],
  ])('is inconclusive for %s', async (_, text) => {
    const read = await interpret(id, encode(text));
    expect(read).toMatchObject({ conclusion: 'inconclusive', counted: 0, tests: [] });
  });

  it('refuses more bytes than it reads, unread', async () => {
    const read = await interpret(id, new Uint8Array(MAX_REPORT_BYTES + 1));
    expect(read).toMatchObject({ conclusion: 'inconclusive', counted: 0 });
    expect(read.summary).toContain(`more than the ${MAX_REPORT_BYTES} that are read`);
  });

  it.runIf(XML.has(id))('expands no entity and opens no file', async () => {
    const bomb =
      '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>';
    const body = green.replace(/^<\?xml[^>]*>\s*/, '');
    for (const entity of ['&b;', '&c;']) {
      const read = await interpret(id, encode(bomb + body.replace('>', `>${entity}`)));
      expect(read).toMatchObject({ conclusion: 'inconclusive', counted: 0 });
      expect(JSON.stringify(read)).not.toMatch(/root:|aaaaaaaaaa/);
    }
  });

  it('shows no escape sequence of a terminal', async () => {
    const coloured = red.replace(
      /is not|unreachable|unsafe|long|bad|no page|by zero|Incompatible|no %/,
      '\\u001b[31m$&',
    );
    const texts = [coloured, coloured.replace('\\u001b', '\u001B'), coloured.replace('\\u001b', '&#x1b;')];
    for (const text of texts) {
      const { conclusion, summary, tests } = await interpret(id, encode(text));
      expect(conclusion).not.toBe('success');
      const shown = [summary, ...tests.flatMap((test) => [test.id, test.message ?? ''])];
      expect(shown.filter((one) => one.includes('\u001B'))).toEqual([]);
    }
  });
});

describe('the list of formats', () => {
  it('was looked at: all but an exit code, and what only measures and is never red by itself', () => {
    expect(subjects.length).toBe(REPORT_FORMATS.length - 1 - MEASURE_REPORT_FORMATS.length);
  });

  it('canary: every green report passes when it is whole and turns red with the red one', async () => {
    for (const { id, green, red } of subjects) {
      const conclusions = [await interpret(id, encode(green)), await interpret(id, encode(red))].map(
        (read) => read.conclusion,
      );
      expect({ id, conclusions }).toEqual({ id, conclusions: ['success', 'failure'] });
    }
  });
});
