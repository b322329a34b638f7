/** A task that nothing can measure does not start; who asked for it is told what this repository has to measure it by. */
import { isLoopwrightError } from '../core/errors.ts';
import type { PolicyRequest, ResolvedWithOrigins } from '../policy/resolve.ts';
import type { BaseReader } from '../ports/workspace.ts';

/** Throws `LW_NO_ACCEPTANCE` with three suggestions from what is on the base, and what `resolve` throws otherwise. */
export async function measurable(
  committed: BaseReader,
  request: Pick<PolicyRequest, 'file' | 'className'>,
  resolve: () => ResolvedWithOrigins,
): Promise<ResolvedWithOrigins> {
  const { noAcceptance, suggestions, unmeasured } = await import('../policy/acceptance.ts');
  const { DEFAULT_CLASS } = await import('../policy/classes.ts');
  const { classChain } = await import('../policy/class-chain.ts');
  const refuse = async (className: string, what: string, wantsNames: boolean): Promise<never> => {
    const { detectChecks } = await import('../policy/propose.ts');
    throw noAcceptance(
      what,
      suggestions(await detectChecks(committed), { className, wantsNames, hasPolicy: request.file !== null }),
    );
  };
  let explained: ResolvedWithOrigins;
  try {
    explained = resolve();
  } catch (error) {
    if (!isLoopwrightError(error, 'LW_NO_ACCEPTANCE')) throw error;
    return await refuse(request.className ?? DEFAULT_CLASS, error.message, false);
  }
  const { name } = explained.policy.class;
  const lack = unmeasured(explained.policy, classChain(name, request.file).builtIn);
  return lack === null ? explained : refuse(name, lack.what, lack.wantsNames);
}
