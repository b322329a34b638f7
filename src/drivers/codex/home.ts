import type { Call, Wire } from '../definition.ts';
import { rules } from './rules.ts';

/** A TOML string: JSON's form is one, but for DEL, which no address and no variable holds. */
const quoted = JSON.stringify;

export function home({ wire, permissions }: Call & { readonly wire: Wire }): Readonly<Record<string, string>> {
  const config = `model_provider = "gateway"
check_for_update_on_startup = false

[model_providers.gateway]
name = "gateway"
base_url = ${quoted(wire.address)}
env_key = ${quoted(wire.keyVariable)}
wire_api = "responses"

[analytics]
enabled = false

[features]
plugins = false
apps = false
`;
  const own = permissions === undefined ? null : rules(permissions);
  return { '.codex/config.toml': config, ...(own === null ? {} : { '.codex/rules/default.rules': own }) };
}
