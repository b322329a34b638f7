/** Every check format by name. Each is loaded when a check asks for it, and its parser with it. */
import type { ReportFormat } from '../core/check.ts';
import type { CheckFormat } from '../ports/check.ts';

const LOADERS: Readonly<Record<ReportFormat, () => Promise<{ readonly createFormat: () => CheckFormat }>>> = {
  junit: () => import('./junit/index.ts'),
  tap: () => import('./tap/index.ts'),
  ctrf: () => import('./ctrf/index.ts'),
  'jest-json': () => import('./jest-json/index.ts'),
  'mocha-json': () => import('./mocha-json/index.ts'),
  'playwright-json': () => import('./playwright-json/index.ts'),
  'go-test-json': () => import('./go-test-json/index.ts'),
  'dart-json': () => import('./dart-json/index.ts'),
  'rspec-json': () => import('./rspec-json/index.ts'),
  trx: () => import('./trx/index.ts'),
  nunit: () => import('./nunit/index.ts'),
  xunit: () => import('./xunit/index.ts'),
  sarif: () => import('./sarif/index.ts'),
  checkstyle: () => import('./checkstyle/index.ts'),
  'eslint-json': () => import('./eslint-json/index.ts'),
  'stylelint-json': () => import('./stylelint-json/index.ts'),
  'ruff-json': () => import('./ruff-json/index.ts'),
  'golangci-json': () => import('./golangci-json/index.ts'),
  'semgrep-json': () => import('./semgrep-json/index.ts'),
  'trivy-json': () => import('./trivy-json/index.ts'),
  'npm-audit': () => import('./npm-audit/index.ts'),
  'lint-text': () => import('./lint-text/index.ts'),
  lcov: () => import('./lcov/index.ts'),
  cobertura: () => import('./cobertura/index.ts'),
  number: () => import('./number/index.ts'),
  'exit-code': () => import('./exit-code/index.ts'),
};

export async function loadCheckFormat(id: ReportFormat): Promise<CheckFormat> {
  const { createFormat } = await LOADERS[id]();
  return createFormat();
}
