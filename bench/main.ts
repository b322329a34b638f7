/**
 * `npm run bench -- [SUITE...] [--json]`: what the supervisor itself costs. Every figure is measured beside its baseline in
 * the same run, alternating, because absolute times on a shared machine mean little.
 */
import { SUITES } from './suites.ts';
import type { Row } from './measure.ts';

const names = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const json = process.argv.includes('--json');
const unknown = names.filter((name) => !Object.hasOwn(SUITES, name));

function print(row: Row): void {
  const ratio = row.baselineMs === null ? '' : `  x${(row.ms / row.baselineMs).toFixed(2)} of ${row.baseline}`;
  const over = row.baselineMs === null ? '' : `  +${(row.ms - row.baselineMs).toFixed(1)} ms`;
  const target = row.targetMs === null ? '' : `  target ${row.targetWords}: ${row.met ? 'met' : 'MISSED'}`;
  const note = row.note === '' ? '' : `  ${row.note}`;
  console.log(
    `${row.suite.padEnd(12)} ${row.what.padEnd(52)} ${row.ms.toFixed(1).padStart(8)} ms${ratio}${over}${target}${note}`,
  );
}

if (unknown.length > 0) {
  console.error(`no such suite: ${unknown.join(', ')}. Next: use one of ${Object.keys(SUITES).join(', ')}.`);
  process.exitCode = 2;
} else {
  const rows: Row[] = [];
  for (const name of names.length > 0 ? names : Object.keys(SUITES)) {
    if (!json) console.error(`measuring ${name} ...`);
    for (const row of (await SUITES[name]?.()) ?? []) {
      rows.push(row);
      if (!json) print(row);
    }
  }
  if (json) console.log(JSON.stringify({ rows }));
  // A benchmark that measured nothing has failed.
  if (rows.length === 0) process.exitCode = 1;
}
