/**
 * xUnit.net XML to outcomes: every `test`, named by its assembly, its class where the name does not begin with it, and its
 * name. `Pass` is passed, `Fail` failed, `Skip` and `NotRun` skipped, anything else failed. An `error` of an assembly (a
 * fixture that cannot be taken down, a catastrophic failure) is a failed test of its own.
 */
import { headOf } from '../excerpt.ts';
import { placeless, readOutcomes } from '../reading.ts';
import type { RawOutcome, Reading, ReportOrigin } from '../reading.ts';
import { readRecords, textsIn } from '../xml-records.ts';
import type { Group, XmlRecord } from '../xml-records.ts';

const STATUSES: Readonly<Record<string, RawOutcome['status']>> = {
  Pass: 'passed',
  Fail: 'failed',
  Skip: 'skipped',
  NotRun: 'skipped',
};

function pathOf({ name, attributes }: XmlRecord, groups: readonly Group[]): readonly string[] {
  const assembly = placeless(groups.find((group) => group.name === 'assembly')?.attributes['name'] ?? '');
  if (name === 'error') return [assembly, attributes['type'] ?? 'error', attributes['name'] ?? ''];
  const { name: test = '', type = '' } = attributes;
  return type === '' || test.startsWith(type) ? [assembly, test] : [assembly, type, test];
}

export function readXunit(bytes: Uint8Array, origin: ReportOrigin): Reading {
  const outcomes: RawOutcome[] = [];
  return readRecords(bytes, origin, {
    label: 'an xUnit.net report',
    roots: ['assemblies', 'assembly'],
    records: new Set(['test', 'error']),
    record(record, groups) {
      const path = pathOf(record, groups);
      const status = record.name === 'error' ? 'failed' : (STATUSES[record.attributes['result'] ?? ''] ?? 'failed');
      const message = status === 'failed' ? headOf(textsIn(record, ['message', 'stack-trace'])) : '';
      outcomes.push(message === '' ? { path, status } : { path, status, message });
    },
    finish: () => readOutcomes(outcomes, null),
  });
}
