/** Every check format by name. Each is loaded when a check asks for it, and its parser with it. */
import type { ReportFormat } from '../core/check.ts';
import type { CheckFormat } from '../ports/check.ts';

const LOADERS: Readonly<Record<ReportFormat, () => Promise<{ readonly createFormat: () => CheckFormat }>>> = {
  junit: () => import('./junit/index.ts'),
  tap: () => import('./tap/index.ts'),
  'exit-code': () => import('./exit-code/index.ts'),
};

export const CHECK_FORMATS: readonly ReportFormat[] = ['junit', 'tap', 'exit-code'];

export async function loadCheckFormat(id: ReportFormat): Promise<CheckFormat> {
  const { createFormat } = await LOADERS[id]();
  return createFormat();
}
