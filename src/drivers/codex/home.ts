import type { Call, Wire } from '../definition.ts';

/** A TOML string: JSON's form is one, but for DEL, which no address and no variable holds. */
const quoted = JSON.stringify;

export function home({ wire }: Call & { readonly wire: Wire }): Readonly<Record<string, string>> {
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
  return { '.codex/config.toml': config };
}
