/** What clients inside are told so that they find the proxy and believe its certificates. Pure. */

/** Where the certificates are, inside. */
export const CA_ALONE = '/run/loopwright/ca.pem';
export const CA_WITH_ROOTS = '/run/loopwright/roots.pem';

/** The gateway and the agent's own servers are not asked for through the proxy. */
const NO_PROXY = 'localhost,127.0.0.1,::1';

export function proxyVariables(origin: string): Readonly<Record<string, string>> {
  return {
    HTTP_PROXY: origin,
    HTTPS_PROXY: origin,
    http_proxy: origin,
    https_proxy: origin,
    NO_PROXY,
    no_proxy: NO_PROXY,
    // Node reads them only where it is told to (22.21 and 24); Yarn has names of its own.
    NODE_USE_ENV_PROXY: '1',
    YARN_HTTP_PROXY: origin,
    YARN_HTTPS_PROXY: origin,
  };
}

/** Added to the roots where a client can add; in the place of them, and with them, where it can only replace. */
export const CA_VARIABLES: Readonly<Record<string, string>> = {
  NODE_EXTRA_CA_CERTS: CA_ALONE,
  DENO_CERT: CA_ALONE,
  // Where a machine or a project names a file of its own (npm's `cafile`), npm believes nothing else; this goes before both.
  npm_config_cafile: CA_WITH_ROOTS,
  YARN_HTTPS_CA_FILE_PATH: CA_WITH_ROOTS,
  SSL_CERT_FILE: CA_WITH_ROOTS,
  CURL_CA_BUNDLE: CA_WITH_ROOTS,
  REQUESTS_CA_BUNDLE: CA_WITH_ROOTS,
  PIP_CERT: CA_WITH_ROOTS,
  GIT_SSL_CAINFO: CA_WITH_ROOTS,
  CARGO_HTTP_CAINFO: CA_WITH_ROOTS,
  BUNDLE_SSL_CA_CERT: CA_WITH_ROOTS,
  NIX_SSL_CERT_FILE: CA_WITH_ROOTS,
};
