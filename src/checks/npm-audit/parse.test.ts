import { describe, expect, it } from 'vitest';
import { bytesOf, findingsOf } from '../../../test/fixtures/readings.ts';
import { readAudit } from './parse.ts';

const read = (text: string): readonly string[] => findingsOf(readAudit(bytesOf(text), 'file'));

describe('audits of dependencies', () => {
  it('read npm 7: one finding for each package, with the first advisory', () => {
    const via = ['other', { title: 'bad', url: 'https://e.org/1', severity: 'low' }];
    const vulnerabilities = { x: { severity: 'high', via }, y: { severity: 'info', via: [] } };
    const text = JSON.stringify({ vulnerabilities, metadata: { dependencies: { prod: 2, total: 9 } } });
    expect(read(text)).toEqual([
      'error x > vulnerable: x high bad https://e.org/1',
      'warning y > vulnerable: y info',
      'examined 9',
    ]);
  });

  it('read npm 6, pnpm and yarn: one finding for each advisory', () => {
    const advisory = { module_name: 'x', github_advisory_id: 'GHSA-1', severity: 'moderate', title: 'bad' };
    const text = JSON.stringify({ advisories: { 7: advisory }, metadata: { totalDependencies: 4 } });
    expect(read(text)).toEqual(['error x > GHSA-1: x moderate bad', 'examined 4']);
  });

  it('read cargo audit', () => {
    const list = [{ advisory: { id: 'RUSTSEC-1', package: 'x', title: 'bad' } }];
    const text = JSON.stringify({
      lockfile: { 'dependency-count': 5 },
      vulnerabilities: { found: true, count: 1, list },
    });
    expect(read(text)).toEqual(['error x > RUSTSEC-1: x bad', 'examined 5']);
  });

  it('say why the audit itself failed', () => {
    const text = '{"error":{"code":"ENOLOCK","summary":"This command requires an existing lockfile."}}';
    expect(read(text)).toEqual(['unreadable: says that the audit failed: This command requires an existing lockfile.']);
  });

  it('say what the registry answered', () => {
    const text = '{"message":"405 Method Not Allowed","statusCode":405,"error":{"summary":"","detail":""}}';
    expect(read(text)).toEqual(['unreadable: says that the audit failed: 405 Method Not Allowed']);
  });

  it.each(['{}', '[]', '{"vulnerabilities":{"x":1}}', '{"vulnerabilities":{"list":1}}'])('refuse %s', (text) =>
    expect(read(text)).toEqual(['unreadable: is JSON, but not a report of an audit']),
  );
});
