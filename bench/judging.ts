/** What judging costs beyond the checks themselves: reading a large report, and reading what the files of a change hold. */
import { SaxesParser } from 'saxes';
import { addedFile, contentOf } from '../test/fixtures/content.ts';
import { policy } from '../test/fixtures/world.ts';
import { loadCheckFormat } from '../src/checks/registry.ts';
import { contentReader } from '../src/content/registry.ts';
import { DETECTOR_ACTIONS } from '../src/policy/classes.ts';
import { inTurn, row, type Row } from './measure.ts';

const ROUNDS = 5;
const REPORT_BYTES = 10 * 1024 * 1024;
const FILES = 50;

function testCase(n: number): string {
  const head = `<testcase classname="suite.part${n % 97}" name="does thing number ${n} &amp; more" time="0.0${n % 10}">`;
  const failed = n % 500 === 0 ? '<failure message="expected 1 to be 2">at line 12\nat line 13</failure>' : '';
  return `${head}${failed}</testcase>\n`;
}

function largeReport(): Uint8Array {
  const cases: string[] = [];
  for (let bytes = 0, n = 0; bytes < REPORT_BYTES; n += 1) {
    const one = testCase(n);
    cases.push(one);
    bytes += one.length;
  }
  return Buffer.from(
    `<?xml version="1.0"?><testsuites><testsuite name="all">\n${cases.join('')}</testsuite></testsuites>`,
  );
}

function bareParse(report: Uint8Array): void {
  const parser = new SaxesParser();
  parser.write(Buffer.from(report).toString('utf8')).close();
}

/** A file of some 300 lines, as an agent writes them. */
function sourceFile(n: number): string {
  const one = (k: number): string =>
    `export function part${n}x${k}(input: string, count: number): string {\n  if (count < ${k}) return input;\n  // why ${k}\n  return input.slice(0, count) + '${n}-${k}';\n}\n`;
  return Array.from({ length: 60 }, (_, k) => one(k)).join('\n');
}

export async function judging(): Promise<readonly Row[]> {
  const report = largeReport();
  const junit = await loadCheckFormat('junit');
  const evidence = {
    spec: { id: 'test', run: 'npm test', report: 'junit', reportFile: 'junit.xml', timeoutMs: 60_000 },
    end: { kind: 'exited', code: 1 },
    stdout: new Uint8Array(),
    stderr: new Uint8Array(),
    stdoutTruncated: false,
    artefacts: [{ path: 'junit.xml', bytes: report, truncated: false }],
  } as const;
  const change = contentOf(Array.from({ length: FILES }, (_, n) => addedFile(`src/part${n}.ts`, sourceFile(n))));
  const lines = change.files.reduce((sum, { added }) => sum + added.length, 0);
  const read = await contentReader({ detectors: { ...policy().detectors, actions: DETECTOR_ACTIONS } });
  const medians = await inTurn(ROUNDS, {
    bare: () => bareParse(report),
    junit: () => junit.interpret(evidence),
    read: () => read(change),
  });
  const of = (name: string): number => medians[name] ?? Number.NaN;
  return [
    row('judging', `reading a JUnit report of ${report.length} bytes`, of('junit'), {
      baseline: ['its XML parsed and nothing kept', of('bare')],
      samples: ROUNDS,
    }),
    row('judging', `reading what ${FILES} new files hold, ${lines} lines, every reader`, of('read'), {
      baseline: ['parsing the XML of the report', of('bare')],
      samples: ROUNDS,
      note: `${((of('read') * 1_000) / lines).toFixed(1)} µs a line`,
    }),
  ];
}
