/** The detectors of a run: defaults < built-in class < file < class in the file. */
import { ACTION_DETECTORS } from '../core/policy.ts';
import type { ActionDetector, DetectorAction, DetectorSettings } from '../core/policy.ts';
import type { ClassChain } from './class-chain.ts';
import { DEFAULT_DETECTORS, DETECTOR_ACTIONS } from './classes.ts';
import { pick, type Layer } from './layers.ts';
import type { Notes } from './origins.ts';

function resolveActions(
  notes: Notes,
  chain: ClassChain,
  layers: readonly Layer[],
): Readonly<Record<ActionDetector, DetectorAction>> {
  const resolved = ACTION_DETECTORS.map((id) => {
    const action = pick<DetectorAction>(
      notes,
      `detectors.actions.${id}`,
      { value: DETECTOR_ACTIONS[id], origin: 'default' },
      [
        { value: chain.builtIn.detectors.actions?.[id], origin: `class ${chain.builtIn.name}` },
        ...layers.map(({ sections, originOf }) => ({
          value: sections.detectors?.actions?.[id],
          origin: originOf(`detectors.actions.${id}`),
        })),
      ],
    );
    return [id, action] as const;
  });
  return Object.fromEntries(resolved) as Record<ActionDetector, DetectorAction>;
}

/** What is written only: the detectors know their own numbers. */
function resolveSteps(notes: Notes, layers: readonly Layer[]): Readonly<Record<string, number | 'off'>> {
  const written: Record<string, number | 'off'> = {};
  notes.origins['detectors.steps'] = 'default';
  for (const { sections, originOf } of layers) {
    for (const [id, count] of Object.entries(sections.detectors?.steps ?? {})) {
      if (count === undefined) continue;
      written[id] = count;
      notes.origins[`detectors.steps.${id}`] = originOf(`detectors.steps.${id}`);
    }
  }
  return written;
}

export function resolveDetectors(notes: Notes, chain: ClassChain, layers: readonly Layer[]): DetectorSettings {
  const preset = chain.builtIn.detectors;
  const origin = `class ${chain.builtIn.name}`;
  const of = <T>(
    field: keyof DetectorSettings,
    key: 'repeated-failure' | 'no-progress' | 'protected-edit',
    first: T,
    values: readonly (T | undefined)[],
  ): T =>
    pick<T>(notes, `detectors.${field}`, { value: first, origin: 'default' }, [
      { value: values[0], origin },
      ...layers.map(({ originOf }, index) => ({ value: values[index + 1], origin: originOf(`detectors.${key}`) })),
    ]);
  const sections = layers.map((layer) => layer.sections.detectors);
  return {
    repeatedFailureIterations: of(
      'repeatedFailureIterations',
      'repeated-failure',
      DEFAULT_DETECTORS.repeatedFailureIterations,
      [preset.repeatedFailureIterations, ...sections.map((section) => section?.['repeated-failure'])],
    ),
    noProgressIterations: of('noProgressIterations', 'no-progress', DEFAULT_DETECTORS.noProgressIterations, [
      preset.noProgressIterations,
      ...sections.map((section) => section?.['no-progress']),
    ]),
    protectedEdit: of('protectedEdit', 'protected-edit', DEFAULT_DETECTORS.protectedEdit, [
      preset.protectedEdit,
      ...sections.map((section) => section?.['protected-edit']),
    ]),
    actions: resolveActions(notes, chain, layers),
    steps: resolveSteps(notes, layers),
  };
}
