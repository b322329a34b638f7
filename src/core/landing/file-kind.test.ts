import { describe, expect, it } from 'vitest';
import { FILE_KINDS, fileKind } from './file-kind.ts';
import type { FileKind } from './file-kind.ts';

const ROWS: Readonly<Record<FileKind, readonly string[]>> = {
  source: ['src/a.ts', 'lib/attest.py', 'Main.java', 'src/contest.go', 'cmd/latest.rs', 'app/spectrum.js', 'bin/run'],
  test: ['src/a.test.ts', 'test_a.py', 'tests/unit/a.rs', 'pkg/a_test.go', 'src/ParserTest.java', 'spec/a_spec.rb'],
  configuration: [
    'package.json',
    '.github/workflows/ci.yml',
    'tsconfig.json',
    'Dockerfile',
    'requirements.txt',
    'go.mod',
  ],
  documentation: ['README.md', 'docs/a.html', 'guide/a.rst', 'LICENSE'],
  generated: ['dist/a.js', 'src/a.min.js', 'api/a.pb.go', 'src/__snapshots__/a.snap', 'a_pb2.py'],
  lockfile: ['package-lock.json', 'web/yarn.lock', 'Cargo.lock', 'go.sum', 'uv.lock'],
};

describe('the kind of a file', () => {
  it.each(FILE_KINDS)('%s is told by the path', (kind) => {
    expect(ROWS[kind].length).toBeGreaterThan(3);
    for (const path of ROWS[kind]) expect([path, fileKind(path)]).toEqual([path, kind]);
  });
});
