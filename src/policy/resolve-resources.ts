/** The resources of a resolved policy. */
import type { Ceiling } from '../core/limit.ts';
import { DEFAULT_RESOURCES, type ResourceLimits } from '../core/resource.ts';
import { pick, type Layer } from './layers.ts';
import type { Notes } from './origins.ts';
import { RESOURCE_FORMS } from './resource-quantities.ts';

export function resolveResources(notes: Notes, layers: readonly Layer[]): ResourceLimits {
  const of = (name: keyof ResourceLimits): Ceiling => {
    const { key } = RESOURCE_FORMS[name];
    const first = { value: DEFAULT_RESOURCES[name], origin: 'default' };
    return pick<Ceiling>(
      notes,
      `resources.${name}`,
      first,
      layers.map(({ sections, originOf }) => ({
        value: sections.resources?.[key],
        origin: originOf(`resources.${key}`),
      })),
    );
  };
  return {
    memoryBytes: of('memoryBytes'),
    processes: of('processes'),
    writtenBytes: of('writtenBytes'),
    writtenFiles: of('writtenFiles'),
    deletedFiles: of('deletedFiles'),
    deletedPercent: of('deletedPercent'),
    openFiles: of('openFiles'),
    fileBytes: of('fileBytes'),
    cpuTimeMs: of('cpuTimeMs'),
  };
}
