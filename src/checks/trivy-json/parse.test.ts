import { describe, expect, it } from 'vitest';
import { bytesOf, findingsOf } from '../../../test/fixtures/readings.ts';
import { readTrivy } from './parse.ts';

const read = (text: string): readonly string[] => findingsOf(readTrivy(bytesOf(text), 'file'));

const report = (...targets: readonly object[]): string => JSON.stringify({ SchemaVersion: 2, Results: targets });

describe('Trivy', () => {
  it('reads everything it finds as an error, by target and name', () => {
    const target = {
      Target: 'go.mod',
      Vulnerabilities: [{ VulnerabilityID: 'CVE-1', PkgName: 'x', Severity: 'LOW', Title: 'bad' }],
      Misconfigurations: [
        { ID: 'DS1', Status: 'FAIL', Severity: 'HIGH', Message: 'root' },
        { ID: 'DS2', Status: 'PASS' },
      ],
      Secrets: [{ RuleID: 'aws', Severity: 'CRITICAL', Title: 'key' }],
      Licenses: [{ Name: 'GPL-3.0', PkgName: 'y', Severity: 'HIGH' }],
    };
    expect(read(report(target, { Target: 'clean' }))).toEqual([
      'error go.mod > x CVE-1: go.mod: LOW x CVE-1 bad',
      'error go.mod > DS1: go.mod: HIGH DS1 root',
      'error go.mod > aws: go.mod: CRITICAL aws key',
      'error go.mod > y GPL-3.0: go.mod: HIGH y GPL-3.0 ',
      'examined 2',
    ]);
  });

  it('reads the bare list of old versions', () => {
    expect(read('[{"Target":"x"}]')).toEqual(['examined 1']);
  });

  it('has examined nothing when it lists no target', () => {
    expect(read('{"SchemaVersion":2}')).toEqual(['examined 0']);
  });

  it.each(['{}', '[{}]', '{"SchemaVersion":2,"Results":[{"Target":"x","Secrets":[1]}]}'])('refuses %s', (text) =>
    expect(read(text)).toEqual(['unreadable: is JSON, but not a Trivy report']),
  );
});
