/** What the agent is told so that it finds the gateway: the variables its vendors' clients read. Pure. */
import type { DialectId, Provider } from '../ports/gateway.ts';

/** Names of the base address and of the key, per protocol; `below` is what clients expect in the address already. */
interface Variables {
  readonly address: string;
  readonly key: string;
  readonly below: string;
  readonly also?: Readonly<Record<string, string>>;
}

const VARIABLES: Readonly<Record<DialectId, Variables>> = {
  'anthropic-messages': { address: 'ANTHROPIC_BASE_URL', key: 'ANTHROPIC_API_KEY', below: '' },
  'openai-responses': { address: 'OPENAI_BASE_URL', key: 'OPENAI_API_KEY', below: '/v1' },
  'openai-chat': { address: 'OPENAI_BASE_URL', key: 'OPENAI_API_KEY', below: '/v1' },
  gemini: { address: 'GOOGLE_GEMINI_BASE_URL', key: 'GEMINI_API_KEY', below: '' },
  bedrock: {
    address: 'ANTHROPIC_BEDROCK_BASE_URL',
    key: 'AWS_BEARER_TOKEN_BEDROCK',
    below: '',
    also: { CLAUDE_CODE_SKIP_BEDROCK_AUTH: '1' },
  },
  vertex: {
    address: 'ANTHROPIC_VERTEX_BASE_URL',
    key: 'LOOPWRIGHT_VERTEX_KEY',
    below: '/v1',
    also: { CLAUDE_CODE_SKIP_VERTEX_AUTH: '1' },
  },
};

export interface Reachable {
  /** `http://127.0.0.1:4141`. */
  readonly origin: string;
  readonly socket: string;
  readonly key: string;
}

/** The first provider of a protocol gets the variables of that protocol; every other is at `ORIGIN/NAME`. */
export function agentVariables(
  providers: readonly Provider[],
  { origin, socket, key }: Reachable,
): Record<string, string> {
  const variables: Record<string, string> = {
    LOOPWRIGHT_GATEWAY_URL: origin,
    LOOPWRIGHT_GATEWAY_SOCKET: socket,
    LOOPWRIGHT_GATEWAY_KEY: key,
  };
  for (const provider of providers) {
    for (const id of provider.dialects) {
      const names = VARIABLES[id];
      if (names.address in variables) continue;
      variables[names.address] = `${origin}/${provider.name}${names.below}`;
      variables[names.key] = key;
      Object.assign(variables, names.also);
    }
  }
  return variables;
}
