import type { SandboxReport } from '../../core/event.ts';
export async function probeSandbox(x: any): Promise<SandboxReport> {
  return { id: 'bubblewrap', confines: true, version: await x.version(), enforced: {}, gaps: [] };
}
