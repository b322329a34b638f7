/** The rules on publishing of a resolved policy. */
import { DEFAULT_PUBLISH } from '../core/policy.ts';
import type { PublishRules } from '../core/policy.ts';
import type { PolicyFile, PublishSection } from './content.ts';
import { pick } from './layers.ts';
import { fileOrigin, type Notes } from './origins.ts';

export function resolvePublish(notes: Notes, file: PolicyFile | null): PublishRules {
  const section: PublishSection = file?.content.publish ?? {};
  const one = <T>(name: keyof PublishRules, key: keyof PublishSection, preset: T, value: T | undefined): T => {
    const origin = file === null ? 'default' : fileOrigin(file, `publish.${key}`);
    return pick(notes, `publish.${name}`, { value: preset, origin: 'default' }, [{ value, origin }]);
  };
  const { forge, repository, target, openRequests } = DEFAULT_PUBLISH;
  return {
    forge: one('forge', 'forge', forge, section.forge),
    repository: one('repository', 'repository', repository, section.repository),
    target: one('target', 'target', target, section.target),
    openRequests: one('openRequests', 'open-requests', openRequests, section['open-requests']),
  };
}
