/** The section `resources`: what one turn, or one check, may take of the machine and delete of the tree. */
import * as z from 'zod';
import type { Ceiling } from '../core/limit.ts';
import { DEFAULT_RESOURCES, type ResourceLimits } from '../core/resource.ts';
import type { ResourcesSection } from './content.ts';
import { UNLIMITED } from './quantities.ts';
import { RESOURCE_FORMS } from './resource-quantities.ts';
import { quantity } from './schema-forms.ts';

function resource(name: keyof ResourceLimits, description: string): z.ZodType<Ceiling> {
  const { expects, kind, parse, write } = RESOURCE_FORMS[name];
  const preset = DEFAULT_RESOURCES[name];
  return quantity<Ceiling>(
    (written) => (written === UNLIMITED ? { ok: true, value: UNLIMITED } : parse(written)),
    `expected ${expects}, or the word \`unlimited\``,
    {
      description,
      default: preset === UNLIMITED ? preset : write(preset),
      examples: ['unlimited'],
      kind: `${kind} or \`unlimited\``,
    },
  );
}

export const resourcesSchema: z.ZodType<ResourcesSection> = z
  .strictObject({
    memory: resource(
      'memoryBytes',
      'Memory that all processes of a turn or check hold together; more ends it. One process alone cannot pass it even between two looks, and private directories in memory such as /tmp get a quarter of it each.',
    ).optional(),
    processes: resource('processes', 'Processes at a time; more ends the turn or check.').optional(),
    disk: resource('writtenBytes', 'Bytes a turn or check may add to workspace and home; more ends it.').optional(),
    files: resource('writtenFiles', 'Files it may add there; more ends it.').optional(),
    'deleted-files': resource(
      'deletedFiles',
      'Tracked files a turn may delete. More ends it, and the checkpoint from before it is kept.',
    ).optional(),
    'deleted-share': resource(
      'deletedPercent',
      'The same as a share of all tracked files; counts from 20 deleted files on.',
    ).optional(),
    'open-files': resource('openFiles', 'Open files of one process; it meets an error beyond it.').optional(),
    'file-size': resource('fileBytes', 'Size of one file; the process that writes on is ended.').optional(),
    'cpu-time': resource('cpuTimeMs', 'Processor time of one process; it is ended beyond it.').optional(),
  })
  .meta({
    id: 'resources',
    description:
      'What one turn of the agent, or one check, may take of the machine. Each has a finite default; no ceiling is spelled `unlimited`.',
  });
